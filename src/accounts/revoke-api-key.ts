import { Injectable } from '@nestjs/common';
import { Clock } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';
import { ChangeApiKey } from './change-api-key.js';

@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly change: ChangeApiKey,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  /** Stops at once, and the tokens it issued with it. Revoking twice changes nothing. Throws NotFound. */
  execute(caller: Caller, id: string): Promise<ApiKey> {
    return this.change.execute(caller, id, async (tx, key) => ({
      answer: (await this.keys.revoke(tx, key.tenantId, id, this.clock.now())) ?? key,
      act: { action: 'api-key.revoked', detail: { apiKeyId: id } },
    }));
  }
}
