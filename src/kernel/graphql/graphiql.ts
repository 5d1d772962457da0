import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ApolloServerPlugin } from '@apollo/server';
import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { AppConfig } from '../config/app-config.js';

/** GraphiQL's own bundles, served from the installed packages: no CDN, so it works offline and tells nobody. */
const ASSETS: Readonly<Record<string, readonly [pkg: string, file: string, type: string]>> = {
  'react.js': ['react', 'umd/react.production.min.js', 'text/javascript'],
  'react-dom.js': ['react-dom', 'umd/react-dom.production.min.js', 'text/javascript'],
  'graphiql.js': ['graphiql', 'graphiql.min.js', 'text/javascript'],
  'graphiql.css': ['graphiql', 'graphiql.min.css', 'text/css'],
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Relais · GraphiQL</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphiql/graphiql.css">
<style>body{margin:0}#graphiql{height:100vh}</style>
</head>
<body><div id="graphiql">Loading…</div>
<script src="/graphiql/react.js"></script><script src="/graphiql/react-dom.js"></script><script src="/graphiql/graphiql.js"></script>
<script src="/graphiql/start.js"></script>
</body></html>`;

// Headers are sent as they stand from the first moment on, so the example must be one that a browser can send: plain ASCII.
const START = `ReactDOM.createRoot(document.getElementById('graphiql')).render(React.createElement(GraphiQL, {
  fetcher: GraphiQL.createFetcher({ url: '/graphql', subscriptionUrl: location.origin.replace(/^http/, 'ws') + '/graphql' }),
  defaultEditorToolsVisibility: 'headers',
  isHeadersEditorEnabled: true,
  shouldPersistHeaders: false,
  defaultHeaders: '{ "Authorization": "Bearer rk_paste_a_key_here" }',
  defaultQuery: '{ viewer { tenant { name balance currency } scopes } }',
}));`;

/**
 * What the page may load: its own bundles, and nothing written into it as script. GraphiQL makes style elements of its own,
 * has its fonts and icons in its style sheet, and asks and subscribes at its own origin. It evaluates nothing.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page is the only HTML there is. */
export function letGraphiqlRun(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async (_request, reply) => {
    if (String(reply.getHeader('content-type')).startsWith('text/html')) {
      void reply.header('content-security-policy', POLICY);
    }
  });
}

/** A browser that opens the GraphQL address gets GraphiQL; a client that asks for JSON never sees it. */
export const graphiqlPlugin: ApolloServerPlugin = {
  serverWillStart: () => Promise.resolve({ renderLandingPage: () => Promise.resolve({ html: PAGE }) }),
};

@Controller('graphiql')
export class GraphiqlController {
  private readonly require = createRequire(import.meta.url);

  constructor(private readonly config: AppConfig) {}

  @Get(':asset')
  @Header('cache-control', 'public, max-age=3600')
  async asset(@Param('asset') name: string): Promise<StreamableFile> {
    if (!this.config.graphiql) throw new NotFoundException();
    if (name === 'start.js') return new StreamableFile(Buffer.from(START), { type: 'text/javascript' });
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (asset === undefined) throw new NotFoundException();
    const [pkg, file, type] = asset;
    const folder = dirname(this.require.resolve(`${pkg}/package.json`));
    return new StreamableFile(await readFile(join(folder, file)), { type });
  }
}
