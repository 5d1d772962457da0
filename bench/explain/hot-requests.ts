import { request } from 'undici';
import { graphqlAs } from '../data/tenants.js';
import type { CalledBack } from '../processes/provider.js';

export interface Asking {
  readonly address: string;
  readonly key: string;
  /** A message that is there. */
  readonly messageId: string;
  /** Takes whatever is posted. */
  readonly receiver: string;
}

const resultOf = (type: string): string =>
  `{ __typename ... on ${type} { id number } ... on Refusal { code message } }`;
const PAGES = [
  'first: 50',
  'first: 50, filter: { status: [QUEUED, HELD, SENT] }',
  'first: 50, filter: { tag: "spring" }',
  'first: 50, filter: { phoneNumber: "+33610000077" }',
  'first: 50, filter: { createdAfter: "2020-01-01T00:00:00Z", status: [COMPLETED] }',
];
const SHOWN = `id number status counts { delivered } waiting { kind explanation } holds { rule } timeline { kind }
  deliveries(first: 10) { nodes { phoneNumber status } }`;

/** What tenants' applications ask for all day, each once or twice: the statements behind it stand in the log then. */
export async function askForEverything(asking: Asking): Promise<void> {
  await accept(asking);
  await look(asking);
  await throughTheDropIn(asking);
}

async function accept({ address, key, receiver }: Asking): Promise<void> {
  const to = ['+33610000005'];
  const mutate = (name: string, type: string, input: object): Promise<{ result: { id?: string; number?: number } }> =>
    graphqlAs(
      address,
      key,
      `mutation ($input: ${type}!) { result: ${name}(input: $input) ${resultOf(name === 'sendBatch' ? 'Batch' : 'Message')} }`,
      { input },
    );
  const order = { to, text: 'Bonjour', idempotencyKey: 'order-of-the-bench', receiptUrl: receiver, tag: 'spring' };
  await mutate('sendSms', 'SendSmsInput', order);
  await mutate('sendSms', 'SendSmsInput', order);
  await mutate('sendSms', 'SendSmsInput', { to, text: 'Soldes', category: 'COMMERCIAL' });
  const messages = Array.from({ length: 5 }, (_, index) => ({ to: `+3361000001${index}`, text: `Bonjour ${index}` }));
  const { result: batch } = await mutate('sendBatch', 'SendBatchInput', { messages });
  await graphqlAs(address, key, 'query ($id: ID!) { batch(id: $id) { status messageCount cost } }', { id: batch.id });
  const soon = new Date(Date.now() + 1_500).toISOString();
  await mutate('scheduleSms', 'ScheduleSmsInput', { to, text: 'Bientôt', at: soon });
  const late = new Date(Date.now() + 86_400_000).toISOString();
  const { result: scheduled } = await mutate('scheduleSms', 'ScheduleSmsInput', { to, text: 'Demain', at: late });
  const cancel = `mutation ($id: ID!) { cancelMessage(id: $id) { __typename } }`;
  await graphqlAs(address, key, cancel, { id: scheduled.id });
  await graphqlAs(address, key, 'mutation { addOptOut(phoneNumber: "+33610000006") { phoneNumber } }');
}

async function look({ address, key, messageId }: Asking): Promise<void> {
  for (const page of PAGES) {
    await graphqlAs(address, key, `{ messages(${page}) { nodes { ${SHOWN} } pageInfo { hasNextPage } } }`);
  }
  const { message } = await graphqlAs<{ message: { number: number } }>(
    address,
    key,
    `query ($id: ID!) { message(id: $id) { ${SHOWN} } }`,
    { id: messageId },
  );
  await graphqlAs(address, key, `{ messageByNumber(number: ${message.number}) { ${SHOWN} } }`);
  await graphqlAs(address, key, '{ optOuts(first: 50) { nodes { phoneNumber } } }');
}

async function throughTheDropIn({ address, key, receiver }: Asking): Promise<void> {
  const sms = { phoneNumbers: '0610000020,0610000021', message: 'Bonjour', tag: 'summer', urlDlr: receiver };
  const { message_id: messageId } = await post(`${address}/v1/send`, { apiKey: key, ...sms });
  const numbered = `apiKey=${key}&messageId=${messageId}`;
  for (const path of [
    `message-status?${numbered}&phoneNumber=0610000020`,
    `bulk-status?${numbered}`,
    `bulk-status-by-tag?apiKey=${key}&tag=summer`,
    `stop-sms/list?apiKey=${key}`,
    `me?apiKey=${key}`,
  ]) {
    const { body } = await request(`${address}/v1/${path}`);
    await body.dump();
  }
  const list = [{ phoneNumber: '0610000020', messageId }];
  await post(`${address}/v1/multi-status`, { apiKey: key, SMSStatut_List: list });
}

/** Receipts and replies of what the provider has. */
export async function callBack(calledBack: readonly CalledBack[]): Promise<void> {
  for (const { phoneNumber, url } of calledBack) {
    await post(url, { status: 'delivered', msgId: '1', phone: phoneNumber, date: Math.floor(Date.now() / 1_000) });
    const reply = { type: 'response', phone_number: phoneNumber, text: 'Merci' };
    await post(url.replace('/receipts/', '/replies/'), reply);
  }
}

async function post(url: string, fields: object): Promise<{ readonly message_id?: number }> {
  const headers = { 'content-type': 'application/json' };
  const { statusCode, body } = await request(url, { method: 'POST', headers, body: JSON.stringify(fields) });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${new URL(url).pathname.slice(0, 20)} was answered ${statusCode}: ${text}`);
  const answer: { readonly message_id?: number } = text.startsWith('{') ? JSON.parse(text) : {};
  return answer;
}
