import { SmsProvider } from '../sms-provider.js';
import type {
  Answer,
  BulkOutcome,
  CallTerms,
  CancelAnswer,
  OutgoingBulk,
  OutgoingSms,
  ProviderAccount,
  ProviderCredential,
  ProviderOptOut,
  ProviderStatus,
  SendOutcome,
} from '../sms-provider.js';
import { askForAccount, readAccount } from './account-answer.js';
import { buildBulkRequest } from './bulk-request.js';
import { readBulkResponse } from './bulk-response.js';
import { askToCancel, readCancel } from './cancel-answer.js';
import { SmsPartnerConnection } from './connection.js';
import type { ExchangeResult } from './exchange.js';
import {
  askForOptOuts,
  askToAddOptOut,
  askToRemoveOptOut,
  readAddedOptOut,
  readOptOuts,
  readRemovedOptOut,
} from './opt-out-answers.js';
import type { Question, Reply } from './question.js';
import { buildSendRequest } from './send-request.js';
import { readSendResponse } from './send-response.js';
import { askForStatuses, readStatuses } from './status-answers.js';
import type { AskedRecipient } from './status-answers.js';
import { askByTag, findByTag } from './tag-answers.js';

export interface SmsPartnerOptions {
  /** "https://api.smspartner.fr": "/v1/send" is added. */
  readonly baseUrl: string;
  /** For a whole call. The service has been seen to take more than 5 s. */
  readonly timeoutMs: number;
  /** Serves tenants that have none of their own. */
  readonly platformCredential: ProviderCredential | null;
}

type NotAccepted = Exclude<SendOutcome, { status: 'accepted' }>;

const NO_KEY = 'no API key is configured';
const BLOCKED: NotAccepted = { status: 'blocked', code: 'NO_CREDENTIAL', reason: NO_KEY };

/** SMS Partner's HTTP API. Sending is done at most once a call; questions may be asked again. */
export class SmsPartnerProvider extends SmsProvider {
  readonly name = 'smspartner';
  private readonly connection: SmsPartnerConnection;

  constructor(private readonly options: SmsPartnerOptions) {
    super();
    this.connection = new SmsPartnerConnection(options);
  }

  async send(sms: OutgoingSms, credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome> {
    const apiKey = this.keyOf(credential);
    if (apiKey === null) return BLOCKED;
    const result = await this.connection.call('/v1/send', buildSendRequest(sms, apiKey), call);
    if (result.kind !== 'answered') return withoutAnswer(result);
    return readSendResponse(result, { recipients: sms.recipients, texts: [sms.text], apiKey });
  }

  async sendBulk(bulk: OutgoingBulk, credential: ProviderCredential | null, call: CallTerms): Promise<BulkOutcome> {
    const apiKey = this.keyOf(credential);
    if (apiKey === null) return BLOCKED;
    const result = await this.connection.call('/v1/bulk-send', buildBulkRequest(bulk, apiKey), call);
    if (result.kind !== 'answered') return withoutAnswer(result);
    const recipients = bulk.messages.map(({ phoneNumber }) => phoneNumber);
    return readBulkResponse(result, { recipients, texts: bulk.messages.map(({ text }) => text), apiKey });
  }

  async account(credential: ProviderCredential | null): Promise<Answer<ProviderAccount>> {
    return readAccount(await this.ask(askForAccount(), credential));
  }

  async statuses(
    recipients: readonly AskedRecipient[],
    credential: ProviderCredential | null,
  ): Promise<Answer<readonly ProviderStatus[]>> {
    return readStatuses(await this.ask(askForStatuses(recipients), credential), recipients);
  }

  async findByTag(tag: string, credential: ProviderCredential | null): Promise<Answer<readonly ProviderStatus[]>> {
    return findByTag(async page => this.ask(askByTag(tag, page), credential));
  }

  async cancel(providerMessageId: string, credential: ProviderCredential | null): Promise<Answer<CancelAnswer>> {
    return readCancel(await this.ask(askToCancel(providerMessageId), credential));
  }

  async optOuts(credential: ProviderCredential | null): Promise<Answer<readonly ProviderOptOut[]>> {
    return readOptOuts(await this.ask(askForOptOuts(), credential));
  }

  async addOptOut(phoneNumber: string, credential: ProviderCredential | null): Promise<Answer<string | null>> {
    return readAddedOptOut(await this.ask(askToAddOptOut(phoneNumber), credential));
  }

  async removeOptOut(id: string, credential: ProviderCredential | null): Promise<Answer<boolean>> {
    return readRemovedOptOut(await this.ask(askToRemoveOptOut(id), credential));
  }

  /** Waits for the calls under way; abort their signals to make it short. */
  async close(): Promise<void> {
    await this.connection.close();
  }

  private keyOf(credential: ProviderCredential | null): string | null {
    return (credential ?? this.options.platformCredential)?.apiKey || null;
  }

  private async ask(question: Question, credential: ProviderCredential | null): Promise<Reply> {
    const apiKey = this.keyOf(credential);
    if (apiKey === null) return { kind: 'nothing', reason: NO_KEY };
    return this.connection.ask(question, apiKey);
  }
}

function withoutAnswer(result: Exclude<ExchangeResult, { kind: 'answered' }>): NotAccepted {
  switch (result.kind) {
    case 'never-left': {
      const reason = `the request did not leave (${result.cause})`;
      return { status: 'not-sent', cause: 'unreachable', reason, retryAfterMs: null };
    }
    case 'lost':
      return { status: 'unknown', reason: `the request left, no answer came (${result.cause})` };
  }
}
