/** One text to one number. Every text of a run is unlike all others, so that it can be told apart everywhere. */
export interface Pair {
  readonly to: string;
  readonly text: string;
}

/** What a client asked for, and what it was told. */
export interface Told extends Pair {
  readonly tenant: string;
  readonly verdict: 'accepted' | 'refused' | 'cancelled';
}

/** What Relais shows of a recipient at the end. */
export interface Shown extends Pair {
  readonly tenant: string;
  readonly status: string;
  readonly errorCode: string | null;
}

/** What the provider really accepted. */
export interface BookedSms {
  readonly phoneNumber: string;
  readonly text: string;
  readonly tag: string;
  readonly answered: string;
  readonly status: string;
}

/** Amounts in ten-thousandths. */
export interface Account {
  readonly tenant: string;
  /** False: what is in doubt for good waits for an administrator. */
  readonly resendWhenAbsent: boolean;
  readonly credit: number;
  readonly balance: number;
  readonly ledgerSum: number;
  readonly lowestBalance: number;
}

export interface Evidence {
  readonly told: readonly Told[];
  readonly shown: readonly Shown[];
  readonly book: readonly BookedSms[];
  readonly accounts: readonly Account[];
  /** Of one part; every text has one. */
  readonly price: number;
}

export interface Judgement {
  readonly figures: Readonly<Record<string, number>>;
  /** Broken promises. Empty: all were kept. */
  readonly problems: readonly string[];
}

const WENT = new Set(['SENT', 'DELIVERED', 'UNDELIVERED', 'EXPIRED']);
const DID_NOT_GO = new Set(['REFUSED', 'CANCELLED', 'OPTED_OUT']);

/** Compares what clients were told and are shown with what the provider accepted, and the money with both. */
export function judge(evidence: Evidence): Judgement {
  const { told, shown, book } = evidence;
  const shownTo = groupByKey(shown);
  const booked = groupByKey(book.map(sms => ({ ...sms, to: sms.phoneNumber })));
  const accepted = told.filter(({ verdict }) => verdict !== 'refused');
  const known = new Set(accepted.map(keyOf));
  const count = (status: string): number => shown.filter(delivery => delivery.status === status).length;
  const doubles = [...booked].filter(([, copies]) => copies.length > 1);
  const strays = [...booked.keys()].filter(key => !known.has(key));
  const phantoms = shown.filter(delivery => !known.has(keyOf(delivery)));
  const lost = accepted.filter(pair => isLost(shownTo.get(keyOf(pair)), booked.get(keyOf(pair))));
  const problems = [
    ...doubles.map(([key, copies]) => `sent ${copies.length} times: ${key} (${copies.map(toldAs).join('; ')})`),
    ...strays.map(key => `sent, though nobody was told that it was accepted: ${key}`),
    ...phantoms.map(delivery => `shown, though nobody was told that it was accepted: ${keyOf(delivery)}`),
    ...lost.map(pair => `lost: ${keyOf(pair)}, shown ${statusesOf(shownTo.get(keyOf(pair)))}`),
    ...accepted.flatMap(pair => problemsOf(pair, evidence, shownTo.get(keyOf(pair)), booked.get(keyOf(pair)))),
    ...evidence.accounts.flatMap(account => problemsOfMoney(account, evidence, booked)),
  ];
  const figures = {
    asked: told.length,
    accepted: accepted.length,
    refused: told.length - accepted.length,
    cancelled: told.filter(({ verdict }) => verdict === 'cancelled').length,
    'sent (book)': book.length,
    delivered: count('DELIVERED'),
    undelivered: count('UNDELIVERED'),
    'without receipt': count('SENT') + count('EXPIRED'),
    'refused by the provider': count('REFUSED'),
    unconfirmed: count('UNCONFIRMED'),
    doubles: doubles.length,
    lost: lost.length,
    strays: strays.length,
    phantoms: phantoms.length,
  };
  return { figures, problems };
}

/** Accepted, and either gone without a trace or said to have gone while the provider has nothing. */
function isLost(shown: readonly Shown[] = [], booked: readonly unknown[] = []): boolean {
  return (
    shown.length === 0 || shown.some(({ status }) => status === 'WAITING' || (WENT.has(status) && booked.length === 0))
  );
}

function problemsOf(
  pair: Told,
  { accounts }: Evidence,
  shown: readonly Shown[] = [],
  booked: readonly BookedSms[] = [],
): string[] {
  const key = keyOf(pair);
  const [first, ...others] = shown;
  if (first === undefined) return [];
  const problems = others.length === 0 ? [] : [`accepted ${shown.length} times: ${key}`];
  const { status } = first;
  if (booked.length > 0 && DID_NOT_GO.has(status)) problems.push(`sent, though shown ${status}: ${key}`);
  if (pair.verdict === 'cancelled' && status !== 'CANCELLED') problems.push(`told cancelled, shown ${status}: ${key}`);
  if (status === 'UNCONFIRMED') {
    const account = accounts.find(({ tenant }) => tenant === pair.tenant);
    if (account?.resendWhenAbsent !== false) problems.push(`still in doubt, though the provider answers: ${key}`);
    if (booked.length > 0) problems.push(`in doubt, though the provider knows it: ${key}`);
  }
  const fate = booked[0]?.status;
  const contradicts =
    (status === 'DELIVERED' && fate === 'Not delivered') || (status === 'UNDELIVERED' && fate === 'Delivered');
  if (contradicts) problems.push(`shown ${status}, the provider has ${fate}: ${key}`);
  return problems;
}

/** What is gone from the credit is what the provider has in its book, and what is still in doubt. */
function problemsOfMoney(
  account: Account,
  { told, shown, price }: Evidence,
  booked: ReadonlyMap<string, readonly BookedSms[]>,
): string[] {
  const { tenant, credit, balance, ledgerSum, lowestBalance } = account;
  const own = told.filter(pair => pair.tenant === tenant);
  const sent = own.filter(pair => booked.has(keyOf(pair))).length;
  const doubtful = shown.filter(
    delivery => delivery.tenant === tenant && delivery.status === 'UNCONFIRMED' && !booked.has(keyOf(delivery)),
  ).length;
  const due = (sent + doubtful) * price;
  const problems = [];
  if (ledgerSum !== balance) problems.push(`the ledger of ${tenant} sums to ${ledgerSum}, its balance is ${balance}`);
  if (lowestBalance < 0) problems.push(`the balance of ${tenant} was ${lowestBalance}`);
  if (credit - balance !== due) {
    problems.push(`${tenant} paid ${credit - balance} for ${sent} sent and ${doubtful} in doubt, which is ${due}`);
  }
  return problems;
}

const keyOf = ({ to, text }: Pair): string => `${to} "${text}"`;

const groupByKey = <T extends Pair>(pairs: readonly T[]): ReadonlyMap<string, readonly T[]> =>
  Map.groupBy(pairs, keyOf);

const toldAs = ({ tag, answered }: BookedSms): string => `${answered} under ${tag}`;

const statusesOf = (shown: readonly Shown[] = []): string => shown.map(({ status }) => status).join(', ') || 'nowhere';
