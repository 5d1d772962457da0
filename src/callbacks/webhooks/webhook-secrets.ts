import { Injectable } from '@nestjs/common';
import { Webhook as Signer } from 'standardwebhooks';
import { Seal } from '../../accounts/index.js';
import { Ids, type TenantId } from '../../kernel/index.js';
import type { Webhook } from './webhook.store.js';

type Keys = Pick<Webhook, 'tenantId' | 'id' | 'sealedSecret' | 'previousSealedSecret' | 'previousUntil'>;

/** What is signed: the event's id, the same at each attempt, and the attempt's own time. */
export interface Signed {
  readonly eventId: string;
  readonly at: Date;
  readonly body: string;
}

/** The secrets that webhooks are signed with (Standard Webhooks): told once, sealed at rest, opened only just before a call. */
@Injectable()
export class WebhookSecrets {
  constructor(
    private readonly seal: Seal,
    private readonly ids: Ids,
  ) {}

  /** "whsec_" and 32 random bytes in base64, with the sealed form that is kept. */
  mint(tenantId: TenantId, webhookId: string): { readonly secret: string; readonly sealedSecret: Buffer } {
    const secret = `whsec_${Buffer.from(this.ids.secret(), 'base64url').toString('base64')}`;
    return { secret, sealedSecret: this.seal.close(secret, secretOwner(tenantId, webhookId)) };
  }

  /** Null: sealed under another master key, or damaged. Nothing leaves unsigned then. */
  headers(webhook: Keys, { eventId, at, body }: Signed): Readonly<Record<string, string>> | null {
    const signatures: string[] = [];
    for (const sealed of keysAt(webhook, at)) {
      const secret = this.open(webhook, sealed);
      if (secret === null) return null;
      signatures.push(new Signer(secret).sign(eventId, at, body));
    }
    return {
      'webhook-id': eventId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signatures.join(' '),
    };
  }

  private open({ tenantId, id }: Keys, sealed: Buffer): string | null {
    try {
      return this.seal.open(sealed, secretOwner(tenantId, id));
    } catch {
      return null;
    }
  }
}

function keysAt({ sealedSecret, previousSealedSecret, previousUntil }: Keys, at: Date): Buffer[] {
  const both = previousSealedSecret !== null && previousUntil !== null && previousUntil > at;
  return both ? [sealedSecret, previousSealedSecret] : [sealedSecret];
}

/** What a webhook's secrets are sealed to. */
export const secretOwner = (tenantId: TenantId, webhookId: string): string => `${tenantId}/webhook/${webhookId}`;
