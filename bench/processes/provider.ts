import type { Cleanup } from '../cleanup.js';
import { Child } from './child.js';

/** The key of calls that are no SMS of Relais's. */
export const FLOOR_KEY = 'floor';

export interface Tally {
  readonly calls: number;
  readonly sms: number;
  /** SMS to a number that had one already. */
  readonly doubles: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface CalledBack {
  readonly phoneNumber: string;
  readonly url: string;
}

export type ProviderQuestion =
  | { readonly ask: 'port' | 'reset' | 'tally' | 'receipt-urls' }
  | { readonly ask: 'arrivals' | 'count'; readonly prefix: string };

/** The zero-delay provider as a process of its own. */
export class Provider {
  private constructor(
    private readonly child: Child,
    readonly url: string,
  ) {}

  static async start(cleanup: Cleanup): Promise<Provider> {
    const child = Child.start('zero-delay-provider');
    cleanup.add(() => child.stop());
    const port = await child.ask<number>({ ask: 'port' } satisfies ProviderQuestion);
    return new Provider(child, `http://127.0.0.1:${port}`);
  }

  async reset(): Promise<void> {
    await this.child.ask({ ask: 'reset' } satisfies ProviderQuestion);
  }

  tally(): Promise<Tally> {
    return this.child.ask({ ask: 'tally' } satisfies ProviderQuestion);
  }

  /** When each number that begins so was first called for. */
  async arrivals(prefix: string): Promise<ReadonlyMap<string, number>> {
    return new Map(await this.child.ask<[string, number][]>({ ask: 'arrivals', prefix } satisfies ProviderQuestion));
  }

  count(prefix: string): Promise<number> {
    return this.child.ask({ ask: 'count', prefix } satisfies ProviderQuestion);
  }

  /** Where receipts of the first SMS go. */
  receiptUrls(): Promise<readonly CalledBack[]> {
    return this.child.ask({ ask: 'receipt-urls' } satisfies ProviderQuestion);
  }

  /** What a server needs in its environment to send by it. */
  environment(publicUrl: string): Readonly<Record<string, string>> {
    return {
      SMS_PROVIDER: 'smspartner',
      SMSPARTNER_BASE_URL: this.url,
      SMSPARTNER_API_KEY: 'bench',
      PUBLIC_URL: publicUrl,
    };
  }
}
