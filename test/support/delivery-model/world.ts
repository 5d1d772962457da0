import pg from 'pg';
import { createDatabase } from '../database.js';
import { ScriptedProvider } from '../scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../test-app.js';
import { DeliveryModel } from './model.js';
import { ProviderScript } from './provider-script.js';

/** A Tuesday, 11:00 in Paris. */
const START = '2026-01-13T10:00:00.000Z';
const GRACE_MS = 600_000;

/** Everything that a run leaves behind and the next one would meet. */
const LEFT_BEHIND = `truncate messages, submissions, deliveries, attempts, attempt_submissions, receipts, timeline_events, batches,
  webhook_deliveries, provider_blocks, opt_outs, opt_out_removals, idempotency_records, moves_seen`;

/** Every single move of a delivery, as the database saw it: of two in one command the end alone would tell too little. */
const WATCH_MOVES = `
  create table moves_seen (delivery_id uuid, before text, after text);
  create function see_move() returns trigger language plpgsql security definer as $$
    begin
      insert into public.moves_seen values (new.id, old.status, new.status);
      return new;
    end $$;
  create trigger see_move after update of status on deliveries for each row when (old.status <> new.status)
    execute function see_move();`;

/** What a run acts on. */
export interface DeliveryWorld {
  readonly app: TestApp;
  readonly script: ProviderScript;
  readonly model: DeliveryModel;
  readonly tenant: TestTenant;
}

/** The whole application with a provider that does as it is told, for many runs, one after the other. */
export class DeliveryWorlds {
  private constructor(
    private readonly app: TestApp,
    private readonly script: ProviderScript,
    private readonly closing: () => Promise<void>,
  ) {}

  static async open(): Promise<DeliveryWorlds> {
    const provider = new ScriptedProvider();
    const database = await createDatabase();
    const env = { DOUBT_GRACE_SECONDS: String(GRACE_MS / 1_000) };
    const app = await appAt(START, { provider, env, databaseUrl: database.ownerUrl });
    // One connection for all: the rules ask after every command.
    const client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    await client.query(WATCH_MOVES);
    const sql: TestApp['sql'] = async <T extends Record<string, unknown>>(text: string, values?: readonly unknown[]) =>
      (await client.query<T>(text, [...(values ?? [])])).rows;
    return new DeliveryWorlds({ ...app, sql }, new ProviderScript(provider, app.clock), async () => {
      await client.end();
      await app.close();
      await database.drop();
    });
  }

  /** A fresh one: nothing is asked for yet. */
  async begin(resendWhenAbsent: boolean): Promise<DeliveryWorld> {
    const { app, script } = this;
    await app.sql(LEFT_BEHIND);
    app.clock.set(START);
    const model = new DeliveryModel({ resendWhenAbsent, graceMs: GRACE_MS });
    script.begin(model);
    return { app, script, model, tenant: await app.tenant({ resendWhenAbsent }) };
  }

  close(): Promise<void> {
    return this.closing();
  }
}
