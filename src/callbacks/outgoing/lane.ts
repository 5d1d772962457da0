import { createHash } from 'node:crypto';
import { readUrl } from '../../kernel/index.js';

const OWN_LANES = 16;

/**
 * Calls to one receiver stand in one lane, and lanes take turns. A webhook has its own; addresses of single messages share few
 * by their host, since a tenant may name as many hosts as it likes and each lane costs a look.
 */
export function laneOf(webhookId: string | null, url: string): string {
  if (webhookId !== null) return webhookId;
  const [first = 0] = createHash('sha256')
    .update(readUrl(url)?.host ?? '')
    .digest();
  return `own/${first % OWN_LANES}`;
}
