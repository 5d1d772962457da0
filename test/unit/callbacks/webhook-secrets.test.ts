import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Webhook as Verifier } from 'standardwebhooks';
import { Seal } from '../../../src/accounts/index.js';
import { WebhookSecrets } from '../../../src/callbacks/webhooks/webhook-secrets.js';
import { asTenantId, RandomIds } from '../../../src/kernel/index.js';
import { configOf } from '../../support/test-app.js';
import { TestClock } from '../../support/test-clock.js';

const AT = new Date('2026-01-13T10:00:00.900Z');
const TENANT = asTenantId('0198a1b2-0000-7000-8000-000000000001');
const ID = '0198a1b2-0000-7000-8000-000000000002';
const BODY = '{"type":"message.sent","data":{"tag":"é"}}';
const CALL = { eventId: '0198a1b2-0000-7000-8000-000000000003', at: AT, body: BODY };

const secretsUnder = (masterKey: string): WebhookSecrets =>
  new WebhookSecrets(
    new Seal(configOf({ DATABASE_URL: 'postgresql://x/x', MASTER_KEY: masterKey })),
    new RandomIds(new TestClock(AT.toISOString())),
  );
const MASTER_KEY = Buffer.alloc(32, 1).toString('base64');
const secrets = secretsUnder(MASTER_KEY);

const { secret: present, sealedSecret } = secrets.mint(TENANT, ID);
const { secret: previous, sealedSecret: previousSealedSecret } = secrets.mint(TENANT, ID);
const once = { tenantId: TENANT, id: ID, sealedSecret, previousSealedSecret: null, previousUntil: null };
const rotated = { ...once, previousSealedSecret, previousUntil: new Date('2026-01-14T10:00:00Z') };

// The library that receivers use takes only signatures of the present hour.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: AT }));
afterEach(() => void vi.useRealTimers());

const verifies = (secret: string, headers: Readonly<Record<string, string>> | null, body = BODY): boolean => {
  try {
    new Verifier(secret).verify(body, headers ?? {});
    return true;
  } catch {
    return false;
  }
};

describe('a secret', () => {
  test('is "whsec_" and 32 bytes in base64, another one each time, and sealed', () => {
    expect(present).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(present.slice(6), 'base64')).toHaveLength(32);
    expect(present).not.toBe(previous);
    expect(sealedSecret.toString('latin1')).not.toContain(present.slice(6));
  });
});

describe('a signature', () => {
  test('is one that the library of Standard Webhooks verifies, with the id and the time of the attempt', () => {
    const headers = secrets.headers(once, CALL);
    expect(headers).toMatchObject({ 'webhook-id': CALL.eventId, 'webhook-timestamp': '1768298400' });
    expect(headers?.['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(verifies(present, headers)).toBe(true);
  });

  test('is of this body, this id and this time alone', () => {
    const headers = secrets.headers(once, CALL);
    expect(verifies(present, headers, `${BODY} `)).toBe(false);
    expect(verifies(present, { ...headers, 'webhook-id': ID })).toBe(false);
    expect(verifies(present, { ...headers, 'webhook-timestamp': '1768298401' })).toBe(false);
    expect(verifies(previous, headers)).toBe(false);
  });

  test('is made with both secrets while one takes over from the other, the new one first', () => {
    const headers = secrets.headers(rotated, CALL);
    expect(headers?.['webhook-signature']?.split(' ')).toHaveLength(2);
    expect([verifies(present, headers), verifies(previous, headers)]).toEqual([true, true]);
    const [first = ''] = headers?.['webhook-signature']?.split(' ') ?? [];
    expect(verifies(present, { ...headers, 'webhook-signature': first })).toBe(true);
  });

  test('is made with the new one alone once the overlap is over', () => {
    const headers = secrets.headers({ ...rotated, previousUntil: AT }, CALL);
    expect([verifies(present, headers), verifies(previous, headers)]).toEqual([true, false]);
  });

  test('is not made at all where a secret was sealed for another webhook, tenant or master key', () => {
    const elsewhere = '0198a1b2-0000-7000-8000-000000000009';
    expect(secrets.headers({ ...once, id: elsewhere }, CALL)).toBeNull();
    expect(secrets.headers({ ...once, tenantId: asTenantId(elsewhere) }, CALL)).toBeNull();
    expect(secretsUnder(Buffer.alloc(32, 2).toString('base64')).headers(once, CALL)).toBeNull();
  });
});
