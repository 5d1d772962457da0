/** The house's arrows as rules: the only architecture document that stays true. */
const allowed = {
  kernel: [],
  accounts: ['kernel'],
  billing: ['kernel', 'accounts'],
  providers: ['kernel'],
  scheduling: ['kernel'],
  messaging: ['kernel', 'accounts', 'billing', 'providers', 'scheduling'],
  callbacks: ['kernel', 'accounts', 'providers', 'scheduling', 'messaging'],
  'smspartner-api': ['kernel', 'accounts', 'billing', 'messaging', 'callbacks'],
  'misbehaving-provider': [],
};
const modules = Object.keys(allowed);
const error = (name, from, to, comment) => ({ name, severity: 'error', from, to, comment });

module.exports = {
  forbidden: [
    error('no-cycles', {}, { circular: true, viaOnly: { pathNot: 'node_modules' } }),
    ...modules.map(name =>
      error(
        `${name}-may-import`,
        { path: `^src/${name}/` },
        { path: `^src/(${modules.filter(other => other !== name && !allowed[name].includes(other)).join('|')})/` },
        `${name} may import only: ${allowed[name].join(', ') || 'nothing of ours'}`,
      ),
    ),
    error('modules-know-no-root', { path: '^src/[^/]+/' }, { path: '^src/[^/]+\\.ts$' }),
    error(
      'through-the-front-door',
      { path: '^src/([^/]+)/' },
      { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/[^/]+/graphql/index\\.ts$'] },
      'a module is imported through its index.ts (its GraphQL types through graphql/index.ts) only',
    ),
    error(
      'no-graphql-below-graphql',
      { path: '^src/[^/]+/', pathNot: '(/graphql/|\\.module\\.ts$)' },
      { path: '(node_modules/(@nestjs/graphql|@nestjs/apollo|@apollo|graphql)/|/graphql/)' },
      'use cases and stores know no GraphQL',
    ),
    error(
      'only-stores-touch-typeorm',
      {
        path: '^src/',
        pathNot: '(\\.store|\\.entity|\\.module|/kernel/database/transactions|^src/data-source|^src/migrate)\\.ts$',
      },
      { path: 'node_modules/(typeorm|@nestjs/typeorm)/' },
    ),
    error('no-orphans', { orphan: true, pathNot: '(^src/main\\.ts$|/keeper\\.ts$)', path: '^src/' }, {}),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)' },
  },
};
