import type { Readable } from 'node:stream';

export type BodyReading =
  { readonly kind: 'whole'; readonly bytes: Buffer } | { readonly kind: 'too-large' } | { readonly kind: 'cut-short' };

/** Five hundred entries of ten parts each, escaped as \u0000, stay below. */
const LIMIT = 2 * 1024 * 1024;
/** A body a little too large is read to its end, because a client still writing does not see the answer; no more than this. */
const PATIENCE = 4 * LIMIT;

/** Reads a request's body; never rejects. The time it may take is the server's (requestTimeout). */
export function readBody(stream: Readable): Promise<BodyReading> {
  return new Promise(settle => {
    let chunks: Buffer[] = [];
    let received = 0;
    const done = (reading: BodyReading): void => {
      stream.off('data', onData).off('end', onEnd).off('close', onBroken);
      settle(reading);
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received <= LIMIT) chunks.push(chunk);
      else chunks = [];
      if (received > PATIENCE) {
        stream.pause();
        done({ kind: 'too-large' });
      }
    };
    const onEnd = (): void =>
      done(received > LIMIT ? { kind: 'too-large' } : { kind: 'whole', bytes: Buffer.concat(chunks) });
    const onBroken = (): void => done({ kind: 'cut-short' });
    // Stays on: a connection may also break after all was read, and an error nobody hears ends the process.
    stream.on('error', onBroken);
    if (stream.readableEnded) onEnd();
    else if (stream.destroyed) onBroken();
    else stream.on('data', onData).on('end', onEnd).on('close', onBroken);
  });
}
