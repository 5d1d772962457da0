import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { acceptedBulk, acceptedSend, oddAnswer, refusedNumber } from './answers.js';
import type { Book, BookedSms, NewSms } from './book.js';
import type { Chance } from './chance.js';
import { type FaultRates, SEND_FAULTS, type SendFault } from './faults.js';
import type { SendCall } from './read-call.js';
import type { Receipts } from './receipts.js';
import { failWith, type Trouble } from './troubles.js';
import { type Answer, reply } from './wire.js';

export interface SendingTerms {
  readonly book: Book;
  readonly receipts: Receipts;
  readonly chance: Chance;
  readonly rates: () => FaultRates;
  readonly slowMs: number;
}

/** Takes a call that sends, or fails at it in one of its ways. Whatever the caller learns, the book has what was accepted. */
export class Sending {
  /** How many calls met which fault, or "accepted". */
  readonly counts = new Map<string, number>();

  constructor(private readonly terms: SendingTerms) {}

  async take(call: SendCall, response: ServerResponse): Promise<void> {
    const { chance, slowMs } = this.terms;
    const fault = this.faultFor(call);
    const met = fault ?? 'accepted';
    this.counts.set(met, (this.counts.get(met) ?? 0) + 1);
    switch (fault) {
      case null:
        return reply(response, answerTo(call, await this.book(call, met)));
      case 'slow':
        await setTimeout(slowMs);
        return reply(response, answerTo(call, await this.book(call, met)));
      case 'odd-types':
        return reply(response, oddAnswer(answerTo(call, await this.book(call, met)), chance.below(4)));
      case 'refuse':
        return reply(response, await this.refuseOne(call));
      case 'unmentioned': {
        const booked = await this.book(call, met);
        return reply(response, acceptedBulk(booked, booked.slice(1)));
      }
      case 'accept-then-time-out':
      case 'accept-then-reset':
      case 'accept-then-5xx':
      case 'accept-then-html':
        // Booked before the trouble comes, so that no lookup can miss it.
        await this.book(call, met);
        return failWith(TROUBLE_AFTER[fault], response, chance);
      case 'time-out':
      case 'reset':
      case '5xx':
      case 'html':
      case '429':
        return failWith(fault, response, chance);
    }
  }

  private faultFor({ call, list }: SendCall): SendFault | null {
    const fault = this.terms.chance.atMostOne(SEND_FAULTS, this.terms.rates());
    return fault === 'unmentioned' && (call === 'send' || list.length === 1) ? null : fault;
  }

  private async book({ list, ...call }: SendCall, answered: string): Promise<readonly BookedSms[]> {
    const booked = this.terms.book.add({ ...call, answered }, list);
    await this.terms.receipts.plan(booked);
    return booked;
  }

  /** A single call is refused as a whole and names the number; of a bulk call the others go. */
  private async refuseOne(call: SendCall): Promise<Answer> {
    const at = this.terms.chance.below(call.list.length);
    const unlucky = call.list.filter((_, index) => index === at);
    const others = call.list.filter((_, index) => index !== at);
    if (call.call === 'send' || others.length === 0) return refusedNumber(unlucky[0] ?? NOBODY);
    return acceptedBulk(await this.book({ ...call, list: others }, 'accepted'), others, unlucky);
  }
}

const NOBODY: NewSms = { phoneNumber: '', text: '' };

const TROUBLE_AFTER = {
  'accept-then-time-out': 'time-out',
  'accept-then-reset': 'reset',
  'accept-then-5xx': '5xx',
  'accept-then-html': 'html',
} as const satisfies Partial<Record<SendFault, Trouble>>;

const answerTo = ({ call }: SendCall, booked: readonly BookedSms[]): Answer =>
  call === 'send' ? acceptedSend(booked) : acceptedBulk(booked);
