import { Injectable } from '@nestjs/common';
import { checkAllowedIps } from './allowed-ips.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';
import { ChangeApiKey } from './change-api-key.js';

/** What is not given stays as it is. Scopes and expiry are fixed: who needs others issues a key with them. */
export interface KeyChanges {
  readonly name?: string;
  /** Null: from anywhere. */
  readonly allowedIps?: readonly string[] | null;
}

@Injectable()
export class UpdateApiKey {
  constructor(
    private readonly change: ChangeApiKey,
    private readonly keys: ApiKeyStore,
  ) {}

  /** Throws NotFound and InvalidArgument. */
  execute(caller: Caller, id: string, changes: KeyChanges): Promise<ApiKey> {
    checkAllowedIps(changes.allowedIps ?? null);
    return this.change.execute(caller, id, async (tx, key) => {
      this.change.insistInForce(key);
      const allowedIps = changes.allowedIps === undefined ? key.allowedIps : changes.allowedIps;
      const edited = { ...key, name: changes.name?.trim() ?? key.name, allowedIps };
      await this.keys.edit(tx, key.tenantId, id, edited);
      return { answer: edited, act: { action: 'api-key.updated', detail: { apiKeyId: id, ...changes } } };
    });
  }
}
