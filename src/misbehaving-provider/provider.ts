import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Book } from './book.js';
import { Chance } from './chance.js';
import { changedRates, type FaultRates, LOOKUP_FAULTS, type LookupFault } from './faults.js';
import { Lookups } from './lookups.js';
import { type CallReading, readBulkSend, readSend } from './read-call.js';
import { Receipts } from './receipts.js';
import { Sending } from './sending.js';
import type { Settings } from './read-settings.js';
import { StopList } from './stop-list.js';
import { failWith, type Trouble } from './troubles.js';
import { type Answer, type Asked, type Fields, readRequest, refused, reply } from './wire.js';

const TROUBLES: Readonly<Record<LookupFault, Trouble>> = {
  'lookup-time-out': 'time-out',
  'lookup-5xx': '5xx',
  'lookup-html': 'html',
  'lookup-429': '429',
};

/**
 * A provider that speaks SMS Partner's protocol and misbehaves as it is told: for tests, and to try an application against.
 * It may keep silent, break off or talk nonsense, but where it answers a question, it answers from its book.
 */
export class MisbehavingProvider {
  private readonly chance: Chance;
  private readonly book: Book;
  private readonly receipts: Receipts;
  private readonly sending: Sending;
  private readonly lookups: Lookups;
  private readonly stops: StopList;
  private readonly server: Server;
  private rates: FaultRates;

  constructor(
    private readonly settings: Settings,
    now: () => Date,
  ) {
    this.rates = settings.rates;
    const rates = (): FaultRates => this.rates;
    this.chance = new Chance(settings.seed);
    this.book = new Book(now);
    this.stops = new StopList(now);
    this.lookups = new Lookups(this.book);
    this.receipts = new Receipts({ chance: this.chance, rates, now, delayMs: settings.receiptDelayMs });
    const { book, receipts, chance } = this;
    this.sending = new Sending({ book, receipts, chance, rates, slowMs: settings.slowMs });
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  /** The port, which it finds itself where none is set. */
  async listen(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject).listen(this.settings.port, this.settings.host, resolve);
    await promise;
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : this.settings.port;
  }

  async close(): Promise<void> {
    this.receipts.stop();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.answer(await readRequest(request, response));
    } catch {
      // The caller has gone in the middle of its request.
      response.destroy();
    }
  }

  private async answer({ method, path, fields, response }: Asked): Promise<void> {
    const call = `${method} ${path}`;
    if (fields === null) return reply(response, refused(90, 'JSON malformé'));
    const control = this.control(call, fields);
    if (control !== null) return reply(response, control);
    const send = SENDS.get(call);
    const question = this.question(call, fields);
    if (send === undefined && question === null) return reply(response, { ...refused(404, 'Not found'), status: 404 });
    const stranger = this.strangerTo(fields);
    if (stranger !== null) return reply(response, stranger);
    if (send !== undefined) return this.send(send(fields), response);
    const fault = this.chance.atMostOne(LOOKUP_FAULTS, this.rates);
    if (fault !== null) return failWith(TROUBLES[fault], response, this.chance);
    // Asked for only now: what failed changed nothing.
    return reply(response, question?.() ?? refused(404, 'Not found'));
  }

  private async send(reading: CallReading, response: ServerResponse): Promise<void> {
    if (reading.ok) await this.sending.take(reading.call, response);
    else reply(response, reading.answer);
  }

  private question(call: string, fields: Fields): (() => Answer) | null {
    switch (call) {
      case 'GET /v1/me':
        return () => this.lookups.me();
      case 'GET /v1/bulk-status-by-tag':
        return () => this.lookups.byTag(fields);
      case 'POST /v1/multi-status':
        return () => this.lookups.multiStatus(fields);
      case 'GET /v1/message-cancel':
        return () => this.lookups.cancel(fields);
      case 'GET /v1/stop-sms/list':
        return () => this.stops.list();
      case 'POST /v1/stop-sms/add':
        return () => this.stops.add(fields);
      case 'GET /v1/stop-sms/delete':
        return () => this.stops.remove(fields);
      default:
        return null;
    }
  }

  private strangerTo({ apiKey }: Fields): Answer | null {
    if (typeof apiKey !== 'string' || apiKey === '') return refused(1, 'La Clé API est requise');
    return this.settings.apiKey === null || this.settings.apiKey === apiKey ? null : refused(10, 'Clé API incorrecte');
  }

  /** What SMS Partner does not have: for whoever runs this program. */
  private control(call: string, fields: Fields): Answer | null {
    switch (call) {
      case 'GET /book':
        return { status: 200, body: { sms: this.book.all, calls: Object.fromEntries(this.sending.counts) } };
      case 'GET /faults':
        return { status: 200, body: this.rates };
      case 'POST /faults': {
        const reading = changedRates(this.rates, fields);
        if (!reading.ok) return { status: 400, body: { problem: reading.problem } };
        this.rates = reading.rates;
        return { status: 200, body: this.rates };
      }
      default:
        return null;
    }
  }
}

const SENDS = new Map<string, (fields: Fields) => CallReading>([
  ['POST /v1/send', readSend],
  ['POST /v1/bulk-send', readBulkSend],
]);
