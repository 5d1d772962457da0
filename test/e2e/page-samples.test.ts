import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GuardedSender, type OutgoingCall } from '../../src/callbacks/outgoing/guarded-sender.js';
import { balanceOf } from '../support/messages.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { idIn, SmsPartnerClient } from '../support/smspartner-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { TlsFront } from '../support/tls-front.js';

/**
 * The samples of the page "Envoi unitaire" as its readers run them: from a file, over HTTPS, changed only where they say
 * "remplacez". What is not installed on this machine is skipped; Node always is.
 */
const SAMPLES = fileURLToPath(new URL('page-samples', import.meta.url));
const NUMBER = '+33612345678';
const SENDER_TOO_LONG =
  '{"success":false,"code":9,"errors":[{"elementId":"children[sender].data",' +
  `"message":"L'emetteur ne peut pas etre plus long que 11 caracteres"}]}`;

const runs = (tool: string, ...flags: readonly string[]): boolean => spawnSync(tool, [...flags]).status === 0;
const without = {
  curl: !runs('curl', '--version'),
  python: !runs('python3', '--version'),
  java: !runs('java', '-version') || !runs('javac', '-version') || !runs('keytool', '-help'),
};

let app: TestApp;
let tenant: TestTenant;
let front: TlsFront;
let folder: string;
let called: OutgoingCall[];

beforeEach(async () => {
  // Monday 12 January 2026, 11:00 in Paris: open.
  app = await appAt('2026-01-12T10:00:00Z');
  tenant = await app.tenant();
  front = await TlsFront.start(app.url);
  folder = await mkdtemp(join(tmpdir(), 'relais-samples-'));
  await writeFile(join(folder, 'trusted.pem'), SELF_SIGNED.cert);
  called = [];
  // The samples name webhook.site, which no test may reach.
  Object.assign(app.nest.get(GuardedSender), {
    post: (call: OutgoingCall) => {
      called.push(call);
      return Promise.resolve({ kind: 'answered', status: 200, retryAfterMs: null });
    },
  });
});

afterEach(async () => {
  await front.close();
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

type Replacements = Readonly<Record<string, string>>;

/** Saves a sample with its placeholders filled in; each of them has to be there. */
async function save(sample: string, as: string, replacements: Replacements): Promise<string> {
  let text = await readFile(join(SAMPLES, sample), 'utf8');
  for (const [placeholder, value] of Object.entries(replacements)) {
    if (!text.includes(placeholder)) throw new Error(`${sample} has no ${placeholder}`);
    text = text.replaceAll(placeholder, value);
  }
  const path = join(folder, as);
  await writeFile(path, text);
  return path;
}

const host = (): Replacements => ({ 'api.smspartner.fr': `localhost:${front.port}` });

async function run(tool: string, args: readonly string[], env: Replacements = {}): Promise<string> {
  const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } };
  const { stdout, stderr } = await promisify(execFile)(tool, args, options);
  // Where curl draws its progress; everything else says there what went wrong.
  if (tool !== 'sh') expect(stderr).toBe('');
  return stdout;
}

const trusted = (): string => join(folder, 'trusted.pem');

interface Sent {
  readonly text: string;
  readonly sender: string;
}

/** The answer is the page's, the simulator has got the SMS as asked, and its receipt settles it. */
async function expectSent(answer: string, { text, sender }: Sent): Promise<void> {
  const id = idIn({ body: answer });
  expect(answer).toBe(`{"success":true,"code":200,"message_id":${id},"nb_sms":1,"cost":0.045,"currency":"EUR"}`);
  expect(app.simulator.accepted).toEqual([]);
  await app.tick();
  expect(app.simulator.accepted.map(({ sms }) => sms)).toEqual([
    expect.objectContaining({ recipients: [NUMBER], text, sender, route: 'PREMIUM' }),
  ]);
  const client = new SmsPartnerClient(app.url, tenant.key);
  const status = async () => (await client.get('/v1/message-status', { messageId: id, phoneNumber: NUMBER })).body;
  expect(await status()).toContain('"statut":"Waiting"');
  app.clock.advance({ seconds: 2 });
  await app.tick();
  expect(await status()).toContain('"statut":"Delivered"');
  expect(await balanceOf(tenant.gql)).toBe('99.9550');
}

/** What webhookUrl, in the body or as a header, is for. */
function expectReceiptPosted(answer: string): void {
  expect(called.map(({ url }) => url)).toEqual(['https://webhook.site/TOKEN']);
  expect(JSON.parse(called[0]?.body ?? '')).toMatchObject({
    status: 'delivered',
    msgId: String(idIn({ body: answer })),
    phone: NUMBER,
  });
}

test('the sample in Node sends an SMS that is delivered', async () => {
  const sample = await save('node.txt', 'send.js', {
    "'api.smspartner.fr'": "'localhost'",
    'port: 443': `port: ${front.port}`,
    [`'${'X'.repeat(64)}'`]: `'${tenant.key}'`,
    '+336XXXXXXXX': NUMBER,
  });
  const output = await run(process.execPath, [sample], { NODE_EXTRA_CA_CERTS: trusted() });
  const [first, answer = ''] = output.split('\n');
  expect(first).toBe('statusCode: 200');
  await expectSent(answer, { text: 'Cest un message test NodeJS', sender: 'NodeJS' });
  expectReceiptPosted(answer);
});

test.skipIf(without.curl)('the sample for curl sends an SMS that is delivered (skipped without curl)', async () => {
  const sample = await save('curl.txt', 'send.sh', {
    ...host(),
    '"xxxxx"': `"${tenant.key}"`,
    '"xxxx"': `"${NUMBER}"`,
  });
  const answer = await run('sh', [sample], { CURL_CA_BUNDLE: trusted() });
  await expectSent(answer, { text: 'test', sender: 'mycompany' });
  expect(called).toEqual([]);
});

const filledInPython = (): Replacements => ({
  ...host(),
  'your api key smspartner': tenant.key,
  '+336xxxxxxxx': NUMBER,
});

describe.skipIf(without.python)('the sample in Python (skipped without python3)', () => {
  test('as it stands: its sender of sixteen characters is refused in the words of the page', async () => {
    const sample = await save('python.txt', 'send.py', filledInPython());
    expect(await run('python3', [sample], { SSL_CERT_FILE: trusted() })).toBe(`${SENDER_TOO_LONG}\n`);
    await app.tick();
    expect(app.simulator.accepted).toEqual([]);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
  });

  test('with "Your sender name" filled in', async () => {
    const sample = await save('python.txt', 'send.py', { ...filledInPython(), 'Your sender name': 'mycompany' });
    const answer = (await run('python3', [sample], { SSL_CERT_FILE: trusted() })).trimEnd();
    await expectSent(answer, { text: 'Cest un message test PYTHON', sender: 'mycompany' });
    expectReceiptPosted(answer);
  });
});

test.skipIf(without.java)('the sample in Java sends an SMS that is delivered (skipped without a JDK)', async () => {
  const sample = await save('java.txt', 'SMSRequest.java', {
    ...host(),
    [`"${'X'.repeat(36)}"`]: `"${tenant.key}"`,
    '+336XXXXXXXX': NUMBER,
  });
  const library = join(SAMPLES, 'org', 'json', 'JSONObject.java');
  await run('javac', ['-encoding', 'UTF-8', '-d', folder, sample, library]);
  const store = ['-keystore', join(folder, 'trusted.p12'), '-storetype', 'PKCS12', '-storepass', 'changeit'];
  const trust = ['-importcert', '-noprompt', '-alias', 'relais', '-file', trusted()];
  await promisify(execFile)('keytool', [...trust, ...store]);
  const trusting = [
    `-Djavax.net.ssl.trustStore=${join(folder, 'trusted.p12')}`,
    '-Djavax.net.ssl.trustStorePassword=changeit',
  ];
  const answer = (await run('java', [...trusting, '-cp', folder, 'SMSRequest'])).trimEnd();
  await expectSent(answer, { text: "C'est un message test en JAVA !", sender: 'demo JAVA' });
  expectReceiptPosted(answer);
});
