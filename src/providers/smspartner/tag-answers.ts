import { answered, noAnswer } from '../answers.js';
import { fieldOf, listOf, recordOf, wholeNumberOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';
import { messageIdOf, phoneNumberOf, reportedStatusOf, unixTimeOf } from '../report-fields.js';
import type { Answer, ProviderStatus } from '../sms-provider.js';
import { get, unanswered } from './question.js';
import type { Question, Reply } from './question.js';

interface TagPage {
  readonly items: readonly ProviderStatus[];
  /** Of all pages; null when it does not say. */
  readonly total: number | null;
}

const MOST_PAGES = 100;
const NOT_FOUND = '4';
/** "Message introuvable". */
const NOTHING_THERE: TagPage = { items: [], total: 0 };

/** GET /v1/bulk-status-by-tag ("Statut par tag"), one page of it. */
export function askByTag(tag: string, page: number): Question {
  return get('/v1/bulk-status-by-tag', { tag, page: String(page) });
}

/**
 * Gathers what was sent under a tag, page by page. Who is missing here may be sent to again, so nobody is missing unless it
 * is proved: each page is read whole, and together they hold as many as the provider says, or end in an empty page.
 */
export async function findByTag(ask: (page: number) => Promise<Reply>): Promise<Answer<readonly ProviderStatus[]>> {
  const found: ProviderStatus[] = [];
  const numbers = new Set<string>();
  let total: number | null = null;
  for (let number = 1; number <= MOST_PAGES; number += 1) {
    const read = readTagPage(await ask(number));
    if (read.status === 'no-answer') return read;
    const page = read.value;
    total = page.total === null ? total : Math.max(page.total, total ?? 0);
    // A page that comes again hides another that never came.
    if (page.items.some(({ phoneNumber }) => numbers.has(phoneNumber))) return noAnswer('the pages overlap');
    for (const item of page.items) {
      found.push(item);
      numbers.add(item.phoneNumber);
    }
    if (found.length === total) return answered(found);
    if (page.items.length === 0) return atTheEnd(found, total);
  }
  return noAnswer('too many pages');
}

function atTheEnd(found: readonly ProviderStatus[], total: number | null): Answer<readonly ProviderStatus[]> {
  if (total === null && found.length === 0) return noAnswer('an empty answer that does not say how many there are');
  return total !== null && found.length < total ? noAnswer('fewer recipients than it says') : answered(found);
}

/** `{currentPage:1,total:2,StatutResponse_List:[{phoneNumber,status:"Delivered",stopSMS,date:"<Unix seconds>"}]}`. */
export function readTagPage(reply: Reply): Answer<TagPage> {
  if (reply.kind === 'nothing') return unanswered(reply);
  const list = fieldOf(reply.body, 'StatutResponse_List') ?? null;
  const items = listOf(list)?.map(itemOf) ?? null;
  if (reply.kind === 'no') {
    const absent = reply.code === NOT_FOUND && (list === null || items?.length === 0);
    return absent ? answered(NOTHING_THERE) : unanswered(reply);
  }
  if (items === null || items.includes(null)) return unanswered(reply);
  return answered({ items: items.filter(item => item !== null), total: wholeNumberOf(reply.body['total']) });
}

function itemOf(item: unknown): ProviderStatus | null {
  const fields: JsonRecord | null = recordOf(item);
  const phoneNumber = phoneNumberOf(fields?.['phoneNumber']);
  const reported = reportedStatusOf(fields?.['status']);
  if (fields === null || fields['success'] === false || phoneNumber === null || reported === null) return null;
  const at = unixTimeOf(fields['date']);
  return { phoneNumber, status: reported.status, providerMessageId: messageIdOf(fields), at };
}
