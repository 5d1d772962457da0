import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../kernel/index.js';
import { News } from '../news.js';
import type { OptOut } from './opt-out.js';

/** STOPs that did not stand on a tenant's list before. */
export interface OptOutNewsItem {
  readonly tenantId: TenantId;
  readonly optOuts: readonly Omit<OptOut, 'number'>[];
}

@Injectable()
export class OptOutNews extends News<OptOutNewsItem> {}
