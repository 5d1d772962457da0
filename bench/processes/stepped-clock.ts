/**
 * Loaded before the server's own code (node --import): its wall clock is the machine's plus what a file says, in
 * milliseconds, so that 08:00 comes when the bench is ready for it. Timers are monotonic and do not move.
 */
import { readFileSync } from 'node:fs';

const file = process.env['BENCH_CLOCK_FILE'] ?? '';
const LOOK_MS = 20;
let offsetMs = 0;

function look(): void {
  try {
    const read = readFileSync(file, 'utf8').trim();
    if (/^-?\d+$/.test(read)) offsetMs = Number(read);
  } catch {
    // Being written at this moment.
  }
}

const TrueDate = Date;
const now = (): number => TrueDate.now() + offsetMs;

look();
setInterval(look, LOOK_MS).unref();
globalThis.Date = new Proxy(TrueDate, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, made === globalThis.Date ? target : made),
  apply: () => new TrueDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
