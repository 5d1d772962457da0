import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinParts, readPost, type ReadPost } from '../../../src/callbacks/replies/whole-reply.js';

function part(number: number, total: number, text: string, changes: Readonly<Record<string, unknown>> = {}): ReadPost {
  const reading = readPost(
    JSON.stringify({
      msisdn: '33612345678',
      to: '33757900000',
      messageId: `id-${number}`,
      text,
      type: 'text',
      'message-timestamp': '2026-01-13 10:00:00',
      concat: 'true',
      'concat-ref': '108',
      'concat-total': String(total),
      'concat-part': String(number),
      ...changes,
    }),
  );
  if (!reading.ok) throw new Error(reading.reason);
  return reading.post;
}

describe('the parts of an answer', () => {
  test('in whatever order they came, are the text that was written, blanks included', () => {
    const texts = fc.array(fc.stringMatching(/^[a-zéà ]{1,40}$/), { minLength: 2, maxLength: 8 });
    const shuffled = texts.chain(all =>
      fc
        .shuffledSubarray(
          all.map((_, index) => index),
          { minLength: all.length },
        )
        .map(order => ({ all, order })),
    );
    fc.assert(
      fc.property(shuffled, ({ all, order }) => {
        const parts = order.map(index => part(index + 1, all.length, all[index] ?? ''));
        expect(joinParts(parts)?.text).toBe(all.join('').trim());
        expect(joinParts(parts)?.providerMessageId).toBe('id-1');
      }),
    );
  });

  test('that never came are shown as gaps', () => {
    expect(joinParts([part(3, 4, 'trois'), part(1, 4, 'un ')])?.text).toBe('un  […] trois […]');
    expect(joinParts([part(2, 2, 'la fin')])?.text).toBe('[…] la fin');
    expect(joinParts([])).toBeNull();
  });

  test('are a stop as soon as the provider calls one of them so', () => {
    expect(joinParts([part(1, 2, 'a'), part(2, 2, 'b', { type: 'stop' })])?.kind).toBe('stop');
  });

  test('belong together by who wrote, to which number, under which mark and in how many parts', () => {
    const key = part(1, 3, 'a').part?.key;
    expect(part(2, 3, 'b', { msisdn: '+33 6 12 34 56 78' }).part?.key).toBe(key);
    const others = [{ msisdn: '33612345679' }, { to: '33757900001' }, { 'concat-ref': '109' }, { 'concat-total': '4' }];
    for (const changes of others) expect(part(2, 3, 'b', changes).part?.key).not.toBe(key);
  });
});

describe('a post', () => {
  test.each(['0612345678', '33612345678', '0033612345678', '+33 6 12 34 56 78'])(
    'from %s is from its E.164',
    number => {
      const raw = JSON.stringify({ type: 'response', phone_number: number, text: 'Oui' });
      expect(readPost(raw)).toMatchObject({
        ok: true,
        post: { reply: { phoneNumber: '+33612345678' }, isNamed: false },
      });
    },
  );

  test('of a long number has a name of its own, and one of a short code has none', () => {
    expect(part(1, 2, 'a').isNamed).toBe(true);
    expect(part(1, 2, 'a', { messageId: null }).isNamed).toBe(false);
  });

  test.each([
    '',
    'nonsense',
    '[]',
    'null',
    '"stop"',
    '{"type":"stop"}',
    '['.repeat(100_000),
    `{"text":${'{"a":'.repeat(50_000)}`,
  ])('that nobody can read is none (%#)', raw => {
    expect(readPost(raw)).toEqual({ ok: false, reason: expect.stringMatching(/^the reply /) });
  });

  test('with a key said twice is read by the last, as everywhere in JSON', () => {
    const raw = '{"type":"response","phone_number":"+33612345678","text":"Oui","text":"Non"}';
    expect(readPost(raw)).toMatchObject({ post: { reply: { text: 'Non' } } });
  });
});
