import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Chance } from '../../../src/misbehaving-provider/chance.js';
import { emptyFolder } from '../built-relais.js';
import { GraphqlClient } from '../graphql-client.js';
import { Clients } from './clients.js';
import { Clocks } from './clocks.js';
import { balanceOf, type Customer, makeCustomers, PRICE, shownTo, unitsOf } from './customers.js';
import { Fleet } from './fleet.js';
import { freePort } from './free-port.js';
import { type Account, type Evidence, judge, type Judgement } from './judge.js';
import { KillablePostgres } from './killable-postgres.js';
import { Mischief } from './mischief.js';
import { ProviderProcess } from './provider-process.js';

export interface ChaosRun extends Judgement {
  /** What happened on the way: kills, faults, questions asked again. */
  readonly events: Readonly<Record<string, number>>;
  readonly log: readonly string[];
}

const TIMEOUT_MS = 700;
/**
 * Longer than the time-out, so that what is slow is in doubt, may be denied once, and is booked all the same; shorter than the
 * grace and than the time between two steps of the clocks, so that it is not denied twice.
 */
const SLOW_MS = 4_500;
const GRACE_S = 6;
/** Beyond every back-off but the longest, in a few steps. */
const SETTLE_STEP_MS = 300_000;
/** Longer than a call, its late booking and the grace take. */
const SETTLE_PAUSE_MS = 5_500;
const SETTLE_STEPS = 14;
/** When silent deliveries are asked about for the first time. */
const POLL_STEP_MS = 1_900_000;

const OLDER_PRICES_MS = 120_000;

const FAULTS = {
  '*': 0,
  'accept-then-time-out': 0.06,
  'accept-then-reset': 0.06,
  'accept-then-5xx': 0.04,
  'accept-then-html': 0.03,
  'odd-types': 0.04,
  slow: 0.1,
  'time-out': 0.03,
  reset: 0.04,
  '5xx': 0.03,
  html: 0.03,
  '429': 0.04,
  refuse: 0.03,
  unmentioned: 0.1,
  'lookup-time-out': 0.05,
  'lookup-5xx': 0.1,
  'lookup-html': 0.1,
  'lookup-429': 0.05,
  'missing-receipt': 0.1,
  'double-receipt': 0.1,
  'reordered-receipts': 0.1,
  'early-receipt': 0.1,
  'not-delivered': 0.1,
} as const;

/** Everything at once for so many seconds, then calm until all is settled, then the reckoning. */
export class Chaos {
  private readonly cleanups: (() => Promise<void>)[] = [];

  constructor(
    private readonly seed: number,
    private readonly seconds: number,
  ) {}

  async run(): Promise<ChaosRun> {
    const chance = new Chance(this.seed);
    const folder = await emptyFolder();
    this.cleanups.push(folder.remove);
    const postgres = await KillablePostgres.start(folder.path);
    this.cleanups.push(() => postgres.stop());
    const provider = await this.provider();
    const clocks = new Clocks(folder.path);
    const adminKey = `rk_${randomBytes(32).toString('base64url')}`;
    const ports = [await freePort(), await freePort()];
    const env = environment({ postgres, provider, adminKey });
    const fleet = await Fleet.start(folder.path, { ports, clocks, env });
    this.cleanups.push(() => fleet.stop());
    const [address = ''] = fleet.addresses;
    const customers = await makeCustomers(new GraphqlClient(address, adminKey));
    // The prices are set by one clock and looked up by others: a clock that goes back must not find none in force.
    await clocks.step(OLDER_PRICES_MS);
    const now = (): Date => clocks.now();
    const clients = new Clients({ addresses: fleet.addresses, customers, chance: new Chance(this.seed + 1), now });
    const mischief = new Mischief({ fleet, postgres, provider, clocks, chance });
    clients.start();
    await mischief.for(this.seconds);
    await provider.faults({ '*': 0 });
    await clients.stop();
    await fleet.up();
    const steps = await settle(postgres, clocks);
    const evidence = await collect({ address, customers, clients, provider, postgres });
    const events = {
      'settled in steps': steps,
      'starts of processes': fleet.members.reduce((sum, { starts }) => sum + starts, 0),
      ...Object.fromEntries([...mischief.counts, ...clients.counts]),
      ...countOf('start failed: ', [...postgres.failedStarts, ...fleet.members.flatMap(member => member.failedStarts)]),
      ...prefixed('provider: ', (await provider.book()).calls),
    };
    return { ...judge(evidence), events, log: fleet.members.flatMap(({ said }) => said) };
  }

  async cleanUp(): Promise<void> {
    for (const cleanUp of this.cleanups.toReversed()) await cleanUp();
  }

  private async provider(): Promise<ProviderProcess> {
    const times = ['--slow-ms', String(SLOW_MS), '--receipt-delay-ms', '200'];
    const provider = await ProviderProcess.start(['--seed', String(this.seed), ...times]);
    this.cleanups.push(() => provider.stop());
    await provider.faults(FAULTS);
    return provider;
  }
}

const environment = (at: {
  readonly postgres: KillablePostgres;
  readonly provider: ProviderProcess;
  readonly adminKey: string;
}): Readonly<Record<string, string>> => ({
  DATABASE_URL: at.postgres.url,
  DATABASE_POOL_SIZE: '10',
  MASTER_KEY: randomBytes(32).toString('base64'),
  ADMIN_API_KEY: at.adminKey,
  LOG_LEVEL: 'warn',
  SMS_PROVIDER: 'smspartner',
  SMSPARTNER_BASE_URL: at.provider.url,
  SMSPARTNER_API_KEY: 'chaos',
  SMSPARTNER_TIMEOUT_MS: String(TIMEOUT_MS),
  DOUBT_GRACE_SECONDS: String(GRACE_S),
  PROVIDER_RATE_PER_MINUTE: '6000',
});

/** With all clocks ahead by minutes at a time, until nothing is under way and nothing is silent; tells how many it took. */
async function settle(postgres: KillablePostgres, clocks: Clocks): Promise<number> {
  for (let step = 1; ; step += 1) {
    const left = await leftAfter(SETTLE_PAUSE_MS, postgres);
    if ((left.open === 0 && left.silent === 0) || step > SETTLE_STEPS) return step;
    await clocks.step(left.open === 0 ? POLL_STEP_MS : SETTLE_STEP_MS);
  }
}

interface Left {
  /** Under way, or in a doubt that is still looked into. */
  readonly open: number;
  /** Sent, and nothing was heard of it. */
  readonly silent: number;
}

const LEFT = `select
  count(*) filter (where state not in ('DONE', 'UNCONFIRMED') or (state = 'UNCONFIRMED' and due_at is not null))::int as open,
  count(*) filter (where state = 'DONE' and sent > 0)::int as silent from submissions`;

async function leftAfter(ms: number, postgres: KillablePostgres): Promise<Left> {
  for (let waited = 0; ; waited += 500) {
    const [left = { open: 1, silent: 1 }] = await postgres.query<Left>(LEFT);
    if ((left.open === 0 && left.silent === 0) || waited >= ms) return left;
    await setTimeout(500);
  }
}

async function collect(at: {
  readonly address: string;
  readonly customers: readonly Customer[];
  readonly clients: Clients;
  readonly provider: ProviderProcess;
  readonly postgres: KillablePostgres;
}): Promise<Evidence> {
  const shown = await Promise.all(at.customers.map(customer => shownTo(at.address, customer)));
  const accounts = await Promise.all(at.customers.map(customer => accountOf(at.address, at.postgres, customer)));
  const { sms: book } = await at.provider.book();
  return { told: at.clients.told, shown: shown.flat(), book, accounts, price: PRICE };
}

async function accountOf(address: string, postgres: KillablePostgres, customer: Customer): Promise<Account> {
  const [ledger] = await postgres.query<{ sum: string; lowest: string }>(
    `select sum(l.amount)::text as sum, min(l.balance_after)::text as lowest
       from ledger_entries l join tenants t on t.id = l.tenant_id where t.name = $1`,
    [customer.name],
  );
  const { name: tenant, resendWhenAbsent, credit } = customer;
  const balance = await balanceOf(address, customer);
  const ledgerSum = unitsOf(ledger?.sum ?? '0');
  return { tenant, resendWhenAbsent, credit, balance, ledgerSum, lowestBalance: unitsOf(ledger?.lowest ?? '0') };
}

const countOf = (prefix: string, names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(names, name => prefix + name)].map(([name, all]) => [name, all.length]));

const prefixed = (prefix: string, counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [prefix + name, count]));
