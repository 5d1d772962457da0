import type { Category, Route } from '../../kernel/index.js';
import type { Territory } from '../../scheduling/index.js';

/** What a tenant may ask for besides text and recipients, as every edge hands it in. Null: not given. */
export interface OptionsRequest {
  readonly sender: string | null;
  readonly category: Category | null;
  /** The key's own, for an edge whose callers name none: it goes before the tenant's, where the tenant may still use it. */
  readonly keyCategory?: Category | null;
  readonly route: Route;
  readonly tag: string | null;
  readonly unicode: boolean;
  readonly stopMention: boolean;
  readonly sandbox: boolean;
  readonly territory: Territory | null;
  readonly receiptUrl: string | null;
  readonly replyUrl: string | null;
  readonly validitySeconds: number | null;
  readonly idempotencyKey: string | null;
  /** Null: as soon as permitted. */
  readonly at: Date | null;
}

/** One text for all. */
export interface SmsRequest extends OptionsRequest {
  readonly to: readonly string[];
  readonly text: string;
}

/** A text for each. */
export interface BatchRequest extends OptionsRequest {
  readonly messages: readonly { readonly to: string; readonly text: string }[];
}
