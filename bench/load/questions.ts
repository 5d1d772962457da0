/** What is asked of the application, or of the provider for its floor. */
export type RequestKind =
  'send' | 'send-500' | 'send-sms' | 'typename' | 'receipt' | 'page' | 'message' | 'provider-call';

export interface RequestLoad {
  readonly ask: 'requests';
  readonly of: RequestKind;
  readonly address: string;
  /** Of tenants, in turn. */
  readonly keys: readonly string[];
  readonly connections: number;
  /** The index of the first request: who is written to, which message is looked at. */
  readonly first: number;
  /** Until so many seconds have passed or so many requests were answered, whichever comes first. */
  readonly seconds?: number;
  readonly count?: number;
  /** Evenly apart, instead of as many as go. */
  readonly perSecond?: number;
  /** Of messages to look at, for each key. */
  readonly ids?: readonly (readonly string[])[];
  /** Other numbers than the rest. */
  readonly urgent?: boolean;
}

export type FloorName = 'accept-one' | 'copy-deliveries' | 'apply-receipts';

/** The same rows by bare SQL. */
export interface FloorLoad {
  readonly ask: 'floor';
  readonly name: FloorName;
  readonly databaseUrl: string;
  readonly clients: number;
  readonly tenantIds: readonly string[];
  readonly first: number;
  readonly seconds: number;
  readonly count?: number;
  /** Where the server finds the rows to copy. */
  readonly files?: readonly string[];
}

export type LoadQuestion = RequestLoad | FloorLoad | { readonly ask: 'let-go' };

export interface Done {
  /** Requests answered, or transactions committed. */
  readonly count: number;
  readonly seconds: number;
  /** Of each, in milliseconds. */
  readonly latencies: readonly number[];
  /** When each began, by its place, in milliseconds since 1970; only where they were paced. */
  readonly startedAt: readonly number[];
}
