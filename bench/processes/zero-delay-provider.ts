/**
 * A provider that speaks /v1/send and /v1/bulk-send, books what it takes and answers at once. Calls with the floor's key are
 * answered alike and not booked. Asked by the bench over IPC, by Relais over HTTP.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerQuestions } from './child.js';
import { FLOOR_KEY, type ProviderQuestion, type Tally } from './provider.js';

interface Call {
  readonly apiKey?: string;
  readonly phoneNumbers?: string;
  readonly urlDlr?: string;
  readonly SMSList?: readonly { readonly phoneNumber: string }[];
}

const MOST_URLS = 1_000;
/** When each number was first called for. */
const arrivals = new Map<string, number>();
const receiptUrls: { phoneNumber: string; url: string }[] = [];
let tally: Tally = { calls: 0, sms: 0, doubles: 0, firstAt: 0, lastAt: 0 };
let messageIds = 1_000;

function reset(): null {
  arrivals.clear();
  receiptUrls.length = 0;
  tally = { calls: 0, sms: 0, doubles: 0, firstAt: 0, lastAt: 0 };
  return null;
}

function book(numbers: readonly string[], { urlDlr }: Call): void {
  const now = Date.now();
  const known = arrivals.size;
  for (const number of numbers) if (!arrivals.has(number)) arrivals.set(number, now);
  const { calls, sms, doubles, firstAt } = tally;
  const again = numbers.length - (arrivals.size - known);
  tally = {
    calls: calls + 1,
    sms: sms + numbers.length,
    doubles: doubles + again,
    firstAt: firstAt || now,
    lastAt: now,
  };
  if (urlDlr === undefined || receiptUrls.length >= MOST_URLS) return;
  receiptUrls.push(...numbers.map(phoneNumber => ({ phoneNumber, url: urlDlr })));
}

function answerTo(path: string, call: Call): object {
  const bulk = path.startsWith('/v1/bulk-send');
  if (!bulk && !path.startsWith('/v1/send')) return { success: true, code: 200, nbData: 0, data: [] };
  const numbers = bulk
    ? (call.SMSList ?? []).map(({ phoneNumber }) => phoneNumber)
    : (call.phoneNumbers ?? '').split(',');
  if (call.apiKey !== FLOOR_KEY) book(numbers, call);
  messageIds += 1;
  const cost = Number((numbers.length * 0.045).toFixed(3));
  const taken = { success: true, code: 200, message_id: messageIds, cost, currency: 'EUR' };
  if (!bulk) return { ...taken, nb_sms: numbers.length };
  const entries = numbers.map(phoneNumber => ({ success: true, code: 200, nbSms: 1, cost: 0.045, phoneNumber }));
  return { ...taken, nbSMS: numbers.length, SMSResponse_List: entries };
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const call: Call = body === '' ? {} : JSON.parse(body);
    const answer = JSON.stringify(answerTo(request.url ?? '/', call));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
}

const server = createServer({ keepAliveTimeout: 60_000 }, serve).listen(0, '127.0.0.1');
await once(server, 'listening');

answerQuestions(json => {
  const question: ProviderQuestion = JSON.parse(json);
  switch (question.ask) {
    case 'port': {
      const address = server.address();
      return typeof address === 'object' ? address?.port : null;
    }
    case 'reset':
      return reset();
    case 'tally':
      return tally;
    case 'arrivals':
      return [...arrivals].filter(([number]) => number.startsWith(question.prefix));
    case 'count':
      return [...arrivals.keys()].reduce((sum, number) => sum + (number.startsWith(question.prefix) ? 1 : 0), 0);
    case 'receipt-urls':
      return receiptUrls;
  }
});
