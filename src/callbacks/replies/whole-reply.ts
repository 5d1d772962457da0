import { readPhoneNumber } from '../../messaging/index.js';
import { type ProviderReply, type ReplyPart, readSmsPartnerReply } from '../../providers/index.js';
import { parseBody } from '../callback-body.js';

/** One post as it reads: a whole answer, or a part of one. */
export interface ReadPost {
  readonly reply: Omit<ProviderReply, 'part'>;
  readonly part: (ReplyPart & { readonly key: string }) | null;
  /** It has an id of its own: the same bytes are the same answer whenever they come. */
  readonly isNamed: boolean;
}

export type PostReading =
  { readonly ok: true; readonly post: ReadPost } | { readonly ok: false; readonly reason: string };

export function readPost(raw: string): PostReading {
  const reading = readSmsPartnerReply(parseBody(raw));
  if (!reading.ok) return reading;
  const { part, ...given } = reading.reply;
  const number = readPhoneNumber(given.phoneNumber);
  const reply = { ...given, phoneNumber: number.ok ? number.e164 : given.phoneNumber };
  const key = part && JSON.stringify([reply.phoneNumber, reply.long?.to ?? null, part.ref, part.total]);
  const isNamed = reply.long !== null && reply.providerMessageId !== null;
  return { ok: true, post: { reply, part: part && key ? { ...part, key } : null, isNamed } };
}

/** In place of parts that never came. */
const GAP = ' […] ';

/** The parts that came, in their order, as one answer; the first one's fields speak for all. Null: there are none. */
export function joinParts(posts: readonly ReadPost[]): ReadPost['reply'] | null {
  const inOrder = posts.toSorted((a, b) => (a.part?.number ?? 0) - (b.part?.number ?? 0));
  const [first] = inOrder;
  if (first === undefined) return null;
  let text = '';
  let next = 1;
  for (const { part, reply } of inOrder) {
    const number = part?.number ?? next;
    text += (number > next ? GAP : '') + (reply.text ?? '');
    next = number + 1;
  }
  if (next <= (first.part?.total ?? 0)) text += GAP;
  const kind = inOrder.some(({ reply }) => reply.kind === 'stop') ? 'stop' : 'response';
  return { ...first.reply, kind, text: text.trim() };
}
