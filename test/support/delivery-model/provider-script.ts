import type {
  BulkOutcome,
  OutgoingBulk,
  OutgoingSms,
  ProviderStatus,
  SendOutcome,
} from '../../../src/providers/index.js';
import {
  accept,
  acceptBulk,
  answered,
  BLOCKED,
  NO_ANSWER,
  notSent,
  OUTSIDE_HOURS,
  REFUSED,
  refuseOnly,
  type ScriptedProvider,
  UNKNOWN,
  UNREACHABLE,
} from '../scripted-provider.js';
import type { TestClock } from '../test-clock.js';
import type { CarriedSms, DeliveryModel, Said } from './model.js';

/** What the provider does with a call. */
export const ANSWERS = [
  'accepted',
  'refused',
  'first-refused',
  'last-unmentioned',
  'unreachable',
  'rate-limited',
  'blocked',
  'outside-hours',
  'unknown',
] as const;
export type AnswerKind = (typeof ANSWERS)[number];

/** What it says when it is asked of a call. */
export const LOOKUPS = ['knows-all', 'knows-first', 'delivered-all', 'denies', 'silent'] as const;
export type LookupKind = (typeof LOOKUPS)[number];

/** Lets the provider do what the test says next, and writes into the model what it was asked and what it said. */
export class ProviderScript {
  answersNext: AnswerKind[] = [];
  lookups: LookupKind = 'knows-all';
  private model: DeliveryModel | null = null;

  constructor(
    private readonly provider: ScriptedProvider,
    private readonly clock: TestClock,
  ) {
    provider.otherwise = sms => this.send(sms);
    provider.otherwiseBulk = bulk => this.sendBulk(bulk);
    provider.onFindByTag = tag => this.findByTag(tag);
    provider.onStatuses = asked => {
      const all = asked.map(({ phoneNumber, providerMessageId }) =>
        statusOf(phoneNumber, 'waiting', providerMessageId),
      );
      return this.lookups === 'silent' ? NO_ANSWER : answered(this.shown(all));
    };
  }

  /** As every run finds it. */
  begin(model: DeliveryModel): void {
    this.model = model;
    this.answersNext = [];
    this.lookups = 'knows-all';
    this.cancels('too-late');
  }

  cancels(word: 'cancelled' | 'too-late' | 'not-found' | 'silent'): void {
    this.provider.onCancel = word === 'silent' ? NO_ANSWER : answered(word);
  }

  private send(sms: OutgoingSms): SendOutcome {
    const kind = this.answersNext.shift() ?? 'accepted';
    const sent = sms.recipients.map(phoneNumber => ({ phoneNumber, text: sms.text }));
    this.write(sms, sent, kind);
    if (kind === 'last-unmentioned') return accept(sms);
    return kind === 'accepted' ? accept(sms) : outcomeOf(kind, sms.recipients);
  }

  private sendBulk(bulk: OutgoingBulk): BulkOutcome {
    const kind = this.answersNext.shift() ?? 'accepted';
    this.write(bulk, bulk.messages, kind);
    const numbers = bulk.messages.map(({ phoneNumber }) => phoneNumber);
    if (kind === 'accepted') return acceptBulk(bulk);
    if (kind === 'last-unmentioned') return { ...acceptBulk(bulk), unmentioned: numbers.slice(-1) };
    return outcomeOf(kind, numbers);
  }

  private write(
    call: { readonly tag: string; readonly receiptUrl: string },
    sms: readonly Omit<CarriedSms, 'said'>[],
    kind: AnswerKind,
  ): void {
    const bulk = sms.some(({ text }) => text !== sms[0]?.text);
    const carried = sms.map((one, index) => {
      return { text: one.text, phoneNumber: one.phoneNumber, said: saidOf(kind, index, { bulk, count: sms.length }) };
    });
    this.model?.called({ tag: call.tag, receiptUrl: call.receiptUrl, at: this.clock.now(), carried });
  }

  private findByTag(tag: string) {
    if (this.lookups === 'silent') return NO_ANSWER;
    const carried = this.model?.calls.find(call => call.tag === tag)?.carried ?? [];
    const status = this.lookups === 'delivered-all' ? 'delivered' : 'waiting';
    const found = this.shown(carried.map(({ phoneNumber }) => statusOf(phoneNumber, status, null)));
    const numbers = found.map(({ phoneNumber }) => phoneNumber);
    this.model?.lookedUp(tag, numbers, this.clock.now());
    return answered(found);
  }

  private shown(all: readonly ProviderStatus[]): readonly ProviderStatus[] {
    if (this.lookups === 'denies') return [];
    return this.lookups === 'knows-first' ? all.slice(0, 1) : all;
  }
}

const statusOf = (
  phoneNumber: string,
  status: 'delivered' | 'waiting',
  providerMessageId: string | null,
): ProviderStatus => ({ phoneNumber, status, providerMessageId, at: null });

function outcomeOf(
  kind: Exclude<AnswerKind, 'accepted' | 'last-unmentioned'>,
  numbers: readonly string[],
): Exclude<SendOutcome, { status: 'accepted' }> {
  switch (kind) {
    case 'refused':
      return REFUSED;
    case 'first-refused':
      return refuseFirst(numbers);
    case 'unreachable':
      return notAccepted(UNREACHABLE);
    case 'rate-limited':
      return notAccepted(notSent('rate-limited', 90_000));
    case 'blocked':
      return notAccepted(BLOCKED);
    case 'outside-hours':
      return notAccepted(OUTSIDE_HOURS);
    case 'unknown':
      return notAccepted(UNKNOWN);
  }
}

const refuseFirst = (numbers: readonly string[]) => notAccepted(refuseOnly(...numbers.slice(0, 1)));

function notAccepted(outcome: SendOutcome): Exclude<SendOutcome, { status: 'accepted' }> {
  if (outcome.status === 'accepted') throw new Error('it is accepted');
  return outcome;
}

function saidOf(kind: AnswerKind, index: number, of: { readonly bulk: boolean; readonly count: number }): Said {
  switch (kind) {
    case 'accepted':
      return 'taken';
    case 'refused':
      return 'refused';
    case 'first-refused':
      return index === 0 ? 'refused' : 'not-gone';
    case 'last-unmentioned':
      return of.bulk && index === of.count - 1 ? 'unknown' : 'taken';
    case 'unreachable':
    case 'rate-limited':
    case 'blocked':
    case 'outside-hours':
      return 'not-gone';
    case 'unknown':
      return 'unknown';
  }
}
