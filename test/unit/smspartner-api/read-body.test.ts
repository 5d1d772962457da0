import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readBody } from '../../../src/smspartner-api/wire/read-body.js';

const MiB = 1024 * 1024;

/** A body of that many bytes, made as it is read. */
function bytes(count: number): Readable {
  const pieces = function* () {
    for (let left = count; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), 'a');
  };
  return Readable.from(pieces(), { objectMode: false });
}

test('a whole body, in pieces that split a character', async () => {
  const text = Buffer.from('{"message":"é"}');
  const reading = await readBody(Readable.from([text.subarray(0, 13), text.subarray(13)], { objectMode: false }));
  expect(reading).toEqual({ kind: 'whole', bytes: text });
});

test('none at all is empty', async () => {
  const reading = await readBody(Readable.from([], { objectMode: false }));
  expect(reading).toEqual({ kind: 'whole', bytes: Buffer.alloc(0) });
});

test('up to 2 MiB', async () => {
  expect(await readBody(bytes(2 * MiB))).toMatchObject({ kind: 'whole' });
  expect(await readBody(bytes(2 * MiB + 1))).toEqual({ kind: 'too-large' });
});

test('far beyond, it is not read to its end', async () => {
  const endless = bytes(1024 * MiB);
  expect(await readBody(endless)).toEqual({ kind: 'too-large' });
  expect(endless.readableEnded).toBe(false);
  endless.destroy();
});

test('cut short', async () => {
  const stream = new PassThrough();
  const reading = readBody(stream);
  stream.write('{"apiKey":');
  stream.destroy(new Error('aborted'));
  expect(await reading).toEqual({ kind: 'cut-short' });
  expect(await readBody(stream)).toEqual({ kind: 'cut-short' });
});
