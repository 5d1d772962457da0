import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.js';
import { ADMIN_KEY, makeTenants, type Tenant } from './data/tenants.js';
import { freePort } from './processes/free-port.js';
import { Load } from './processes/load.js';
import { Postgres, TEMPLATE } from './processes/postgres.js';
import { Provider } from './processes/provider.js';
import { Relais } from './processes/relais.js';
import type { ServerClock } from './processes/server-clock.js';
import { Profile } from './profile.js';
import { type Scale, scaleOf, type Settings } from './settings.js';

export const RESULTS = fileURLToPath(new URL('../../bench/results', import.meta.url));
const PROFILES = join(RESULTS, 'profiles');
/** Several, as in life: whoever reserves locks the balance of his tenant. */
const TENANTS = 4;
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

export interface ServerTerms {
  readonly database: string;
  /** Default: all. */
  readonly role?: 'all' | 'api' | 'worker';
  /** Calls the zero-delay provider. Default: the simulator, which is not asked in a process of ROLE=api. */
  readonly calls?: boolean;
  readonly clock?: ServerClock;
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything the rows share: PostgreSQL, the process load comes from, the provider; and what they start themselves. */
export class Bench {
  readonly scale: Scale;
  /** In every database. */
  readonly tenants: Tenant[] = [];
  /** Of each server at its end, in MB, by row. */
  readonly memory = new Map<string, number>();
  private readonly servers = new Map<Relais, string>();
  private readonly profiling = new Map<Relais, Profile>();
  private readonly began = performance.now();

  private constructor(
    readonly settings: Settings,
    readonly folder: string,
    readonly postgres: Postgres,
    readonly load: Load,
    readonly provider: Provider,
  ) {
    this.scale = scaleOf(settings);
  }

  /** Whatever it starts, `cleanup` ends. */
  static async start(settings: Settings, cleanup: Cleanup): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), 'relais-bench-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    // PostgreSQL does not run as root, and the user "postgres", as whom it runs then, must be able to walk in.
    await chmod(folder, 0o711);
    if (settings.cpuProf) await mkdir(PROFILES, { recursive: true });
    const postgres = await Postgres.start(folder, cleanup, { profiled: settings.cpuProf });
    const load = new Load();
    cleanup.add(() => load.stop());
    const provider = await Provider.start(cleanup);
    const bench = new Bench(settings, folder, postgres, load, provider);
    cleanup.add(async () => bench.killServers());
    await bench.makeTemplate();
    return bench;
  }

  get keys(): readonly string[] {
    return this.tenants.map(({ key }) => key);
  }

  get tenantIds(): readonly string[] {
    return this.tenants.map(({ id }) => id);
  }

  get secondsLeft(): number {
    return this.scale.totalSeconds - (performance.now() - this.began) / 1_000;
  }

  /** A server on a database, up; `row` names it. */
  async relais(row: string, terms: ServerTerms): Promise<Relais> {
    const server = await this.spawn(row, terms);
    return server.up();
  }

  /** The same, not up yet. */
  async spawn(row: string, { database, role = 'all', calls = false, clock, env = {} }: ServerTerms): Promise<Relais> {
    const port = await freePort();
    const profile = ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${row}-${port}.cpuprofile`];
    const server = Relais.spawn({
      folder: this.folder,
      port,
      flags: this.settings.cpuProf ? profile : [],
      env: {
        ROLE: role,
        DATABASE_URL: this.postgres.urlOf(database),
        MASTER_KEY,
        ADMIN_API_KEY: ADMIN_KEY,
        PROVIDER_RATE_PER_MINUTE: '0',
        REQUESTS_PER_SECOND: '0',
        ...(calls && this.provider.environment(`http://127.0.0.1:${port}`)),
        ...clock?.environment,
        ...env,
      },
    });
    this.servers.set(server, row);
    if (this.settings.cpuProf) this.profiling.set(server, new Profile(this.postgres, database));
    return server;
  }

  /** Drains a server and notes what memory it had. */
  async end(server: Relais): Promise<void> {
    const row = this.servers.get(server) ?? '';
    const memory = await server.memory();
    if (memory !== null) this.memory.set(row, Math.max(memory, this.memory.get(row) ?? 0));
    await this.load.letGo();
    const profile = await this.profiling.get(server)?.end();
    if (profile !== undefined) process.stdout.write(`${profile.join('\n')}\n`);
    this.profiling.delete(server);
    await server.stop();
    this.servers.delete(server);
  }

  /** After a row: whatever it left running ends, and its databases with it. */
  async clearUp(databases: readonly string[]): Promise<void> {
    for (const server of this.servers.keys()) await this.end(server);
    await this.load.letGo();
    for (const database of databases) await this.postgres.drop(database);
  }

  private async makeTemplate(): Promise<void> {
    const server = await this.relais('template', { database: TEMPLATE, role: 'api' });
    this.tenants.push(...(await makeTenants(server.url, TENANTS)));
    await this.end(server);
    this.memory.clear();
  }

  get profiles(): string | null {
    return this.settings.cpuProf ? PROFILES : null;
  }

  private killServers(): void {
    for (const server of this.servers.keys()) server.kill();
  }
}
