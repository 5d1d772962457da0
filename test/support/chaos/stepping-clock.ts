/**
 * Loaded before a process's own code (node --import): its wall clock is that of the machine plus what a file says, in
 * milliseconds, and steps when the file changes. Timers and performance.now() are monotonic and do not, as in reality.
 */
import { readFileSync } from 'node:fs';

const file = process.env['STEPPING_CLOCK_FILE'] ?? '';
const LOOK_MS = 50;
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
