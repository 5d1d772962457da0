import { Injectable } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { Gathering, isUnavailable, type TenantId } from '../../kernel/index.js';
import type { ClaimedSubmission } from '../submission.store.js';
import { ReleaseSubmissions } from './release-submissions.js';

/** In one transaction: short enough that what wants one of their messages does not wait for long. */
const MOST = 500;
/** Of all tenants: the pool's other connections are for those who ask. */
const AT_ONCE = 4;

/** At eight in the morning all of a tenant is due at once: its submissions share transactions, and one that fails goes alone. */
@Injectable()
export class ReleaseSubmission {
  private readonly gathering: Gathering<TenantId, ClaimedSubmission, void>;

  constructor(releases: ReleaseSubmissions) {
    const places = bulkhead(AT_ONCE, Number.POSITIVE_INFINITY);
    this.gathering = new Gathering<TenantId, ClaimedSubmission, void>({
      work: async (tenantId, claimed) => {
        await places.execute(() => releases.execute(tenantId, claimed));
        return claimed.map(() => ({ ok: true, value: undefined }));
      },
      mayBeOnes: error => !isUnavailable(error),
      sizeOf: () => 1,
      most: MOST,
      fits: () => true,
    });
  }

  execute(claimed: ClaimedSubmission): Promise<void> {
    return this.gathering.add(claimed.tenantId, claimed);
  }
}
