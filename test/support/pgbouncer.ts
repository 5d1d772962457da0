import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian keeps it where only administrators look. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** Is there one on this machine? */
export const pgbouncerInstalled = (): boolean =>
  spawnSync('pgbouncer', ['--version'], { env: { ...process.env, PATH } }).status === 0;

/** A real PgBouncer in transaction mode before a database, with so few connections of its own that clients must share them. */
export class PgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  static async before(databaseUrl: string, connections: number): Promise<PgBouncer> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'relais-pgbouncer-'));
    const file = join(folder, 'pgbouncer.ini');
    await writeFile(file, settings(new URL(databaseUrl), port, connections));
    // It refuses to run as root.
    await chmod(folder, 0o755);
    const asWhom = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = spawn('pgbouncer', [...asWhom, file], { env: { ...process.env, PATH }, stdio: 'ignore' });
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${port}`;
    const running = new PgBouncer(child, folder, url.href);
    await running.listening(port);
    return running;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async listening(port: number): Promise<void> {
    while (!(await reachable(port))) {
      if (this.child.exitCode !== null) throw new Error(`pgbouncer ended with ${this.child.exitCode}`);
    }
  }
}

const settings = (database: URL, port: number, connections: number): string => `
[databases]
* = host=${database.hostname} port=${database.port || '5432'} user=${decodeURIComponent(database.username)} password=${decodeURIComponent(database.password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
`;

function reachable(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('close', hadError => resolve(!hadError));
    socket.once('error', () => undefined);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
