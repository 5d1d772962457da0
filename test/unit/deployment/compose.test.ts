import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const compose = read('docker-compose.yml');
const dockerfile = read('Dockerfile');

/** The lines below a key, of which there is one at that depth. */
function below(text: string, key: string, indent: number): string {
  const start = text.indexOf(`\n${' '.repeat(indent)}${key}:`);
  if (start < 0) throw new Error(`docker-compose.yml has no ${key}`);
  const [, ...lines] = text.slice(start + 1).split('\n');
  const end = lines.findIndex(line => line.trim() !== '' && line.search(/\S/) <= indent);
  return `\n${(end < 0 ? lines : lines.slice(0, end)).join('\n')}`;
}

const service = (name: string): string => below(below(compose, 'services', 0), name, 2);
const variablesIn = (text: string): string[] =>
  [...text.matchAll(/^ {4}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? '');

describe('docker-compose.yml', () => {
  test('has a database, migrations as a step of their own, and an api and a worker behind it', () => {
    const names = [...below(compose, 'services', 0).matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    expect(names).toEqual(['postgres', 'migrate', 'api', 'worker']);
    expect(service('migrate')).toContain('command: [node, dist/src/main.js, migrate]');
    expect(service('migrate')).toContain('condition: service_healthy');
    expect(service('migrate')).toContain("restart: 'no'");
    for (const [name, role] of Object.entries({ api: 'api', worker: 'worker' })) {
      expect(service(name)).toContain('condition: service_completed_successfully');
      expect(service(name)).toContain(`ROLE: ${role}`);
      expect(service(name)).toContain('<<: *relais');
    }
  });

  test('lets api and worker be scaled: no names of containers, and ports that several replicas can have', () => {
    expect(compose).not.toContain('container_name');
    expect(service('worker')).not.toContain('ports:');
    expect(service('api')).toMatch(/ports:\n\s+- '\$\{API_PORTS:-\d+-\d+\}:3000'/);
  });

  test('gives each process longer to drain than Relais takes, and asks each whether it is well', () => {
    const within = Number(/STOP_WITHIN_MS = ([\d_]+)/.exec(read('src/main.ts'))?.[1]?.replaceAll('_', ''));
    for (const name of ['api', 'worker']) {
      expect(Number(/stop_grace_period: (\d+)s/.exec(service(name))?.[1]) * 1_000).toBeGreaterThan(within);
      expect(service(name)).toContain('healthcheck:');
    }
  });

  test('sets only what Relais knows, and insists on what cannot be guessed', () => {
    const known = new Set([...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name));
    const set = [...variablesIn(below(compose, 'x-relais', 0)), 'ROLE'];
    expect(set.length).toBeGreaterThan(5);
    expect(set.filter(name => !known.has(name))).toEqual([]);
    for (const name of ['MASTER_KEY', 'PUBLIC_URL']) expect(compose).toContain(`\${${name}:?`);
  });
});

describe('the image', () => {
  test('is built in one stage and run in another, without what only development needs, and not as root', () => {
    const stages = dockerfile.split(/^FROM /m).slice(1);
    expect(stages).toHaveLength(2);
    expect(stages[0]).toContain('npm prune --omit=dev');
    expect(stages[1]).not.toMatch(/^(RUN npm|COPY \. )/m);
    expect(stages[1]).toMatch(/^USER node$/m);
    expect(stages[1]).toMatch(/^CMD \["node", .*"dist\/src\/main.js"\]$/m);
  });

  test('starts Relais by the same words as npm start', () => {
    const { scripts }: { scripts: { start: string } } = JSON.parse(read('package.json'));
    const words = scripts.start.split(' ').map(word => `"${word}"`);
    expect(dockerfile).toContain(`CMD [${words.join(', ')}]`);
  });

  test('runs the version of Node that the tests run on', () => {
    const major = process.versions.node.split('.')[0];
    expect([...dockerfile.matchAll(/FROM node:(\d+)/g)].map(([, version]) => version)).toEqual([major, major]);
  });
});
