import { describe, expect, test } from 'vitest';
import { loggedError, scrub, scrubbedFields, scrubbedLine } from '../../../src/kernel/logging/scrub.js';

const KEY = `rk_${'aB3-_'.repeat(8)}xyz`;

describe('what is logged', () => {
  test.for(['+33612345678', '0612345678', '06 12 34 56 78', '06.12.34.56.78', '+262-692-12-34-56', '33612345678'])(
    'shows no phone number, written as %s',
    phoneNumber => {
      expect(scrub(`to ${phoneNumber}, please`)).toBe('to …, please');
    },
  );

  test('shows no key and no callback secret, and keeps what kind of key it was', () => {
    expect(scrub(`Bearer ${KEY}`)).toBe('Bearer rk_…');
    expect(scrub('POST http://localhost:3000/callbacks/receipts/AbC_-123')).toBe(
      'POST http://localhost:3000/callbacks/receipts/…',
    );
  });

  test.for([
    ['authorization: Bearer eyJhbGciOi.abc-def', 'authorization: Bearer …'],
    ['GET /v1/me?_format=xml&apiKey=0123abcDEF', 'GET /v1/me?_format=xml&apiKey=…'],
    ['postgresql://relais:p%40ss@db/relais', 'postgresql://…@db/relais'],
  ] as const)('shows no secret of another kind: %s', ([text, shown]) => {
    expect(scrub(text)).toBe(shown);
  });

  test('the fields of a line are scrubbed too, however deep, and those whose name says that they are secret are gone', () => {
    const error = new Error('x');
    expect(
      scrubbedFields({
        message: 'to 0612345678',
        path: ['sendSms', '0612345678'],
        request: {
          headers: { authorization: 'Bearer x', 'x-api-key': 'y', accept: '*/*' },
          body: { apiKey: 'z', text: 'Bonjour' },
        },
        account: { token: 7, clientSecret: 'x', to: ['x'], phoneNumbers: '06' },
        count: 612_345_678,
        ready: true,
        nothing: null,
        err: error,
        cause: new Error('to 0612345678'),
      }),
    ).toEqual({
      message: 'to …',
      path: ['sendSms', '…'],
      request: { headers: { authorization: '…', 'x-api-key': '…', accept: '*/*' }, body: { apiKey: '…', text: '…' } },
      account: { token: '…', clientSecret: '…', to: '…', phoneNumbers: '…' },
      count: 612_345_678,
      ready: true,
      nothing: null,
      err: error,
      cause: expect.objectContaining({ message: 'to …' }),
    });
  });

  test('shows no key that stands in the middle of a word, and leaves words that only look a little like one', () => {
    expect(scrub(`apiKey=x${KEY}&y`)).toBe('apiKey=xrk_…&y');
    expect(scrub('mark_as_delivered, work_in_progress')).toBe('mark_as_delivered, work_in_progress');
  });

  test('keeps ids, codes and amounts, by which an operator finds his way', () => {
    const line = 'message 0198a1b2-1234-7000-8000-000000000001 code 42703 cost 0.0450 EUR';
    expect(scrub(line)).toBe(line);
  });

  test('of an error only its name, message, code, stack and cause: never the parameters or the row of a query', () => {
    const failed = Object.assign(new Error('no 0612345678', { cause: new Error('nor +33612345678') }), {
      code: '23505',
      parameters: ['+33612345678', 'Bonjour'],
      detail: 'Key (phone_number)=(+33612345678) already exists.',
      driverError: { detail: 'Bonjour' },
    });
    const logged = loggedError(failed);
    expect(Object.keys(logged).toSorted()).toEqual(['cause', 'code', 'message', 'stack', 'type']);
    expect(logged).toMatchObject({ type: 'Error', message: 'no …', code: '23505', cause: { message: 'nor …' } });
    expect(JSON.stringify(logged)).not.toMatch(/612345678|Bonjour/);
  });

  test('a value that PostgreSQL could not take is not repeated, quotes in it or not', () => {
    const error = Object.assign(new Error('invalid input syntax for type uuid: "a "quoted" secret"'), {
      code: '22P02',
    });
    expect(loggedError(error).message).toBe('invalid input syntax for type uuid: "…"');
    expect(JSON.stringify(loggedError(error))).not.toContain('secret');
    const other = Object.assign(new Error('column "phone_number" does not exist'), { code: '42703' });
    expect(loggedError(other).message).toBe('column "phone_number" does not exist');
  });

  test('what was thrown without being an error is told too', () => {
    expect(loggedError('call 0612345678')).toEqual({ type: 'string', message: 'call …' });
  });

  test("a line without words of its own gets the error's, scrubbed", () => {
    const error = new Error('no 0612345678');
    const line = [{ err: error, message: 'no …' }];
    expect(scrubbedLine([error])).toEqual(line);
    expect(scrubbedLine([{ err: error }])).toEqual(line);
    expect(scrubbedLine([{ err: error }, undefined])).toEqual(line);
  });

  test('a line with words of its own keeps them, scrubbed', () => {
    const error = new Error('no 0612345678');
    expect(scrubbedLine([{ err: error, message: 'it failed' }])).toEqual([{ err: error, message: 'it failed' }]);
    expect(scrubbedLine([{ task: 'x' }, 'to 0612345678'])).toEqual([{ task: 'x' }, 'to …']);
    expect(scrubbedLine(['to 0612345678'])).toEqual([{}, 'to …', undefined]);
  });
});
