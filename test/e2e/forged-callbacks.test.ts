import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretOf } from '../support/attempts.js';
import { accepted, deliveriesOf } from '../support/messages.js';
import { type PlainAnswer, post, receipt } from '../support/receipts.js';
import { answer, optOutsOf, textsOf } from '../support/replies.js';
import { ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const TUESDAY = '2026-01-13T10:00:00.000Z';
const ANNE = '+33612345678';
const KINDS = ['receipt', 'reply'] as const;
type Kind = (typeof KINDS)[number];

let app: TestApp;
let tenant: TestTenant;
let urls: Readonly<Record<Kind, string>>;
beforeEach(async () => {
  const provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider, env: { CALLBACK_DAYS: '10' } });
  tenant = await app.tenant();
  await accepted(tenant.gql, { to: [ANNE] });
  await app.tick();
  const sms = provider.calls[0]?.sms;
  urls = { receipt: sms?.receiptUrl ?? '', reply: sms?.replyUrl ?? '' };
});
afterEach(() => app.close());

const bodyOf = (kind: Kind): object => (kind === 'receipt' ? receipt(ANNE, 'delivered') : answer(ANNE, 'STOP'));
const forgedOf = (kind: Kind, secret: string): string => urls[kind].replace(/[^/]+$/, secret);
const secret = (): string => randomBytes(32).toString('base64url');

/** How often calls of a kind ended so, by /metrics. */
async function counted(kind: Kind): Promise<Record<string, number>> {
  const lines = (await (await fetch(`${app.url}/metrics`)).text()).split('\n');
  const line = new RegExp(`^relais_callbacks_total\\{kind="${kind}",end="([a-z-]+)"\\} (\\d+)$`);
  return Object.fromEntries(lines.flatMap(text => [...(line.exec(text) ?? [])].slice(1)).reduce(inPairs, []));
}
const inPairs = (pairs: [string, number][], text: string, index: number, all: string[]): [string, number][] =>
  index % 2 === 0 ? [...pairs, [text, Number(all[index + 1])]] : pairs;

/** A short plain answer that tells nothing of the house. */
function expectPlain({ status, body }: PlainAnswer, expected: number): void {
  expect(status).toBe(expected);
  expect(body.length).toBeLessThan(200);
  expect(body).not.toMatch(/html|stack|postgres|select|tenant|at \//i);
}

async function expectNothingChanged(): Promise<void> {
  await app.tick();
  expect(await app.sql('select 1 from receipts union all select 1 from reply_posts')).toEqual([]);
  expect((await deliveriesOf(tenant.gql, await idOf())).map(({ status }) => status)).toEqual(['SENT']);
  expect([await textsOf(tenant.gql), await optOutsOf(tenant.gql)]).toEqual([[], []]);
}

async function idOf(): Promise<string> {
  const [row] = await app.sql<{ id: string }>('select id from messages');
  return row?.id ?? '';
}

/** The one thing in which two answers may differ. */
const withoutRequestId = <T extends { readonly body: string }>(given: T): T => ({
  ...given,
  body: given.body.replace(/"requestId":"[^"]+"/, ''),
});

describe.each(KINDS)('a %s', kind => {
  test('under a secret that is nobody’s is answered plainly, changes nothing and is counted', async () => {
    const own = secretOf(urls[kind]);
    const wrong = [
      secret(),
      own.slice(0, -1),
      `${own}A`,
      own.toLowerCase(),
      'x',
      'a'.repeat(90),
      'a'.repeat(5_000),
      '%',
      '%00',
      '..%2f..%2fetc',
      encodeURIComponent("' or 1=1 --"),
    ];
    for (const one of wrong) expectPlain(await post(forgedOf(kind, one), bodyOf(kind)), 404);
    await expectNothingChanged();
    expect(await counted(kind)).toEqual({ forged: wrong.length });
  });

  test('under a secret that is too old is answered as if forged, changes nothing and is counted apart', async () => {
    const forged = await post(forgedOf(kind, secret()), bodyOf(kind));
    app.clock.advance({ days: 10 });
    expect(withoutRequestId(await post(urls[kind], bodyOf(kind)))).toEqual(withoutRequestId(forged));
    app.clock.advance({ seconds: -1 });
    expect(await app.sql('select 1 from receipts union all select 1 from reply_posts')).toEqual([]);
    expect(await counted(kind)).toEqual({ forged: 1, expired: 1 });
    expect((await post(urls[kind], bodyOf(kind))).status).toBe(200);
  });

  test('that is too large is answered plainly, changes nothing and is counted', async () => {
    for (const url of [urls[kind], forgedOf(kind, secret())])
      expectPlain(await post(url, JSON.stringify({ ...bodyOf(kind), more: 'x'.repeat(300 * 1024) })), 413);
    await expectNothingChanged();
    expect(await counted(kind)).toEqual({ oversized: 2 });
  });

  test('by any other method than POST is answered plainly, changes nothing and is counted', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
      const body = method === 'GET' || method === 'HEAD' ? null : JSON.stringify(bodyOf(kind));
      const response = await fetch(urls[kind], { method, body });
      expectPlain({ status: response.status, type: '', body: await response.text() }, 404);
    }
    await expectNothingChanged();
    expect(await counted(kind)).toEqual({ 'wrong-method': 6 });
  });

  test('that breaks off in the middle changes nothing', async () => {
    const { hostname, port, pathname } = new URL(urls[kind]);
    const socket = connect(Number(port), hostname);
    const closed = Promise.withResolvers<void>();
    socket.on('close', () => closed.resolve()).on('error', () => undefined);
    socket.write(`POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"type":"stop","phone`);
    socket.end();
    socket.destroySoon();
    await closed.promise;
    await expectNothingChanged();
  });

  test('in a flood of forged ones costs each no more than one look, and the real one gets through', async () => {
    const flood = Array.from({ length: 300 }, () => post(forgedOf(kind, secret()), bodyOf(kind)));
    const real = post(urls[kind], bodyOf(kind));
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([404]));
    expect(await real).toMatchObject({ status: 200, body: 'OK' });
    expect(await counted(kind)).toEqual({ forged: 300, stored: 1 });
  });
});

describe('a body that nobody can read, under a good secret', () => {
  const DEEP = 100_000;
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a word', 'nonsense'],
    ['half a JSON', '{"type":"stop","phone_number":"+336'],
    ['a list as deep as it is long', '['.repeat(DEEP)],
    ['a well-formed list as deep', '['.repeat(DEEP) + ']'.repeat(DEEP)],
    ['an object as deep', `${'{"type":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['NUL characters', '\u0000{"type":"stop"}\u0000'],
    ['wrong types', '{"type":["stop"],"phone_number":{"a":1},"text":7}'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80, 0x00, 0x41])],
    ['a prototype', '{"__proto__":{"type":"stop","phone_number":"+33612345678"}}'],
  ])('%s is answered at once, kept as it came, counted, and opts nobody out', async (_, body) => {
    expect(await post(urls.reply, body)).toMatchObject({ status: 200, body: 'OK' });
    await app.tick();
    expect(await app.sql('select state, due_at, reply_id from reply_posts')).toEqual([
      { state: 'UNREADABLE', due_at: null, reply_id: null },
    ]);
    expect([await textsOf(tenant.gql), await optOutsOf(tenant.gql)]).toEqual([[], []]);
    expect(await (await fetch(`${app.url}/metrics`)).text()).toContain('relais_replies_total{end="unreadable"} 1');
  });

  test('said twice within one key is taken by the last', async () => {
    const raw = '{"type":"stop","type":"response","phone_number":"+33612345678","text":"Non","text":"Oui"}';
    await post(urls.reply, raw);
    await app.tick();
    expect(await textsOf(tenant.gql)).toEqual(['Oui']);
    expect(await app.sql('select raw from reply_posts')).toEqual([{ raw }]);
  });
});
