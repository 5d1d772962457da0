import { expect, test } from 'vitest';
import { type BookedSms, type Evidence, judge, type Shown, type Told } from '../support/chaos/judge.js';

const PRICE = 450;
const CREDIT = 10_000;
const PAIR = { to: '+33630000000', text: 'Code 0' };
const TOLD: Told = { ...PAIR, tenant: 'ample', verdict: 'accepted' };
const SHOWN: Shown = { ...PAIR, tenant: 'ample', status: 'DELIVERED', errorCode: null };
const BOOKED: BookedSms = {
  phoneNumber: PAIR.to,
  text: PAIR.text,
  tag: 'tag1',
  answered: 'accepted',
  status: 'Delivered',
};

/** One SMS, sent and paid for once, but for what is said. */
function evidence(
  parts: { told?: Told[]; shown?: Shown[]; book?: BookedSms[]; paid?: number; resendWhenAbsent?: boolean } = {},
): Evidence {
  const { told = [TOLD], shown = [SHOWN], book = [BOOKED], paid = PRICE, resendWhenAbsent = true } = parts;
  const balance = CREDIT - paid;
  const account = { tenant: 'ample', resendWhenAbsent, credit: CREDIT, balance, ledgerSum: balance, lowestBalance: 0 };
  return { told, shown, book, accounts: [account], price: PRICE };
}

const shownAs = (status: string): Shown[] => [{ ...SHOWN, status }];
const toldAs = (verdict: Told['verdict']): Told[] => [{ ...TOLD, verdict }];

test.each<[string, Evidence]>([
  ['sent once', evidence()],
  ['sent once, no receipt came', evidence({ shown: shownAs('SENT') })],
  ['refused by the provider', evidence({ shown: shownAs('REFUSED'), book: [], paid: 0 })],
  ['cancelled', evidence({ told: toldAs('cancelled'), shown: shownAs('CANCELLED'), book: [], paid: 0 })],
  ['refused at once', evidence({ told: toldAs('refused'), shown: [], book: [], paid: 0 })],
  ['in doubt for good', evidence({ shown: shownAs('UNCONFIRMED'), book: [], resendWhenAbsent: false })],
])('nothing is wrong: %s', (_, given) => {
  expect(judge(given).problems).toEqual([]);
});

test.each<[string, Evidence, RegExp]>([
  ['sent twice', evidence({ book: [BOOKED, { ...BOOKED, tag: 'tag2' }] }), /^sent 2 times/],
  ['shown as sent, not in the book', evidence({ book: [] }), /^lost/],
  ['shown nowhere', evidence({ shown: [], book: [], paid: 0 }), /^lost/],
  ['never left', evidence({ shown: shownAs('WAITING'), book: [], paid: 0 }), /^lost/],
  ['sent, and paid back', evidence({ shown: shownAs('REFUSED'), paid: 0 }), /^sent, though shown REFUSED/],
  ['refused, and sent', evidence({ told: toldAs('refused'), shown: [] }), /^sent, though nobody was told/],
  ['refused, and shown', evidence({ told: toldAs('refused'), book: [], paid: 0 }), /^shown, though nobody was told/],
  ['accepted twice', evidence({ shown: [SHOWN, SHOWN] }), /^accepted 2 times/],
  ['cancelled, and sent', evidence({ told: toldAs('cancelled') }), /^told cancelled, shown DELIVERED/],
  ['in doubt without need', evidence({ shown: shownAs('UNCONFIRMED'), book: [] }), /^still in doubt/],
  [
    'in doubt, and in the book',
    evidence({ shown: shownAs('UNCONFIRMED'), resendWhenAbsent: false }),
    /^in doubt, though the provider knows it/,
  ],
  ['another fate', evidence({ shown: shownAs('UNDELIVERED') }), /^shown UNDELIVERED, the provider has Delivered/],
  ['paid twice', evidence({ paid: 2 * PRICE }), /^ample paid 900 for 1 sent/],
  ['not paid', evidence({ paid: 0 }), /^ample paid 0 for 1 sent/],
])('what is wrong is told: %s', (_, given, problem) => {
  expect(judge(given).problems).toContainEqual(expect.stringMatching(problem));
});

test('a ledger that does not sum to the balance, and a balance below zero, are told', () => {
  const { accounts, ...rest } = evidence();
  const odd = accounts.map(account => Object.assign({}, account, { ledgerSum: 1, lowestBalance: -1 }));
  expect(judge({ ...rest, accounts: odd }).problems).toEqual([
    'the ledger of ample sums to 1, its balance is 9550',
    'the balance of ample was -1',
  ]);
});
