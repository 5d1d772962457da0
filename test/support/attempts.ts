import type { TestApp } from './test-app.js';

/** A provider call as it stands in the database. */
export interface AttemptView extends Record<string, unknown> {
  readonly id: string;
  readonly tag: string;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly secret_hash: Buffer;
  readonly provider_message_id: string | null;
}

/** A message's attempts, oldest first. */
export function attemptsOf(app: TestApp, messageId: string): Promise<AttemptView[]> {
  return app.sql<AttemptView>(
    `select id, tag, outcome, code, reason, secret_hash, provider_message_id from attempts
      where message_id = $1 order by started_at, id`,
    [messageId],
  );
}

export const outcomesOf = async (app: TestApp, messageId: string): Promise<(string | null)[]> =>
  (await attemptsOf(app, messageId)).map(({ outcome }) => outcome);

export interface SubmissionView extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly lease: string | null;
  readonly due_at: Date | null;
}

export function submissionsOf(app: TestApp, messageId: string): Promise<SubmissionView[]> {
  return app.sql<SubmissionView>('select id, state, lease, due_at from submissions where message_id = $1 order by id', [
    messageId,
  ]);
}

/** What was paid back of a message, entry by entry. */
export async function refundsOf(app: TestApp, messageId: string): Promise<string[]> {
  const rows = await app.sql<{ amount: string }>(
    `select amount from ledger_entries where message_id = $1 and kind = 'REFUND' order by id`,
    [messageId],
  );
  return rows.map(({ amount }) => amount);
}

/** What became of the price of each delivery: RESERVED, CHARGED, RETURNED or NONE. */
export async function chargesOf(app: TestApp, messageId: string): Promise<string[]> {
  const rows = await app.sql<{ charge: string }>('select charge from deliveries where message_id = $1 order by id', [
    messageId,
  ]);
  return rows.map(({ charge }) => charge);
}

/** The receipt URL's last part, which the provider was given and nobody else knows. */
export const secretOf = (receiptUrl: string): string => new URL(receiptUrl).pathname.split('/').at(-1) ?? '';
