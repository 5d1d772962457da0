import { CreateTenant, IssueApiKey } from './accounts/index.js';
import { CreditTenant, SetPrice } from './billing/index.js';
import { AppConfig, hashSecret, PLATFORM, Transactions } from './kernel/index.js';

/** Secrets made on the first run: told once. */
export interface FirstRunKeys {
  /** Null where ADMIN_API_KEY gave it. */
  readonly adminKey: string | null;
  /** Null where real SMS would leave: then nobody gets credit by himself. */
  readonly demoKey: string | null;
}

interface Services {
  readonly config: AppConfig;
  readonly transactions: Transactions;
  readonly tenants: CreateTenant;
  readonly keys: IssueApiKey;
  readonly credit: CreditTenant;
  readonly prices: SetPrice;
}

const LOCK = 7_352_470_002;
const CREDIT = '100.0000';
/** A starting point for the simulator; a platform sets its own with setPrice. Prefixes: +33 and the French territories. */
const PRICES = { PREMIUM: '0.0450', ECO: '0.0380' } as const;
const PREFIXES = ['33', '262', '508', '590', '594', '596', '681', '687', '689'];

/** On an empty database: an administrator's key and, with the simulator, a demo tenant with credit and prices. Null later. */
export function firstRun(services: Services): Promise<FirstRunKeys | null> {
  const { config, transactions } = services;
  return transactions.run(PLATFORM, async tx => {
    // Several processes may start at once on an empty database: one of them makes the keys.
    await tx.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    const adminKeys = await tx.rows<{ hash: Buffer }>('select hash from api_keys where tenant_id = $1', [PLATFORM]);
    const given = config.adminApiKey;
    const needsGiven = given !== null && !adminKeys.some(key => key.hash.equals(hashSecret(given)));
    if (adminKeys.length > 0 && !needsGiven) return null;
    // A first run cut short after the demo tenant does not make a second one.
    const [tenant] = await tx.rows('select id from tenant_ids_before(null, 1)');
    const wantsDemo = adminKeys.length === 0 && tenant === undefined && config.smsProvider === 'simulator';
    const demoKey = wantsDemo ? await demoTenant(services) : null;
    const issued = await services.keys.execute(adminKeyRequest(given), null);
    return { adminKey: given === null ? issued.secret : null, demoKey };
  });
}

const adminKeyRequest = (given: string | null): Parameters<IssueApiKey['execute']>[0] => ({
  tenantId: PLATFORM,
  name: given === null ? 'first administrator' : 'ADMIN_API_KEY',
  scopes: ['ADMIN'],
  defaultCategory: null,
  allowedIps: null,
  expiresAt: null,
  ...(given !== null && { secret: given }),
});

async function demoTenant({ tenants, keys, credit, prices }: Services): Promise<string> {
  for (const route of ['PREMIUM', 'ECO'] as const) {
    for (const prefix of PREFIXES) {
      await prices.execute({ route, prefix, amount: PRICES[route], currency: 'EUR', validFrom: null }, null);
    }
  }
  const tenant = await tenants.execute(
    {
      name: 'Demo',
      defaultCategory: 'COMMERCIAL',
      transactionalAllowed: true,
      unicodeAllowed: true,
      quietHoursEnforced: true,
      defaultSender: null,
      allowedSenders: null,
      resendWhenAbsent: true,
      currency: 'EUR',
      retentionDays: null,
    },
    null,
  );
  await credit.execute(
    tenant.id,
    { amount: CREDIT, reason: 'to try Relais with the simulator', idempotencyKey: 'first-run' },
    null,
  );
  const request = {
    tenantId: tenant.id,
    name: 'demo',
    scopes: ['SEND', 'READ', 'MANAGE'] as const,
    defaultCategory: null,
    allowedIps: null,
    expiresAt: null,
  };
  return (await keys.execute(request, null)).secret;
}
