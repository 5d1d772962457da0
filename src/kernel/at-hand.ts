import type { Clock } from './clock.js';

interface Look<T> {
  /** When it was begun; 0: something has changed since. */
  at: number;
  /** An earlier look, or this one, found it. */
  known: boolean;
  readonly found: Promise<T | null>;
}

const FRESH_MS = 1_000;
const REMEMBERED = 10_000;

/**
 * Rows as they were at most a second ago, by name, so that what is asked for with each request costs a statement a second.
 * Whoever changes them tells all processes (WakeUps), and they look again at once; where that notice is lost, the second is
 * the promise. Where a second is too much, whoever goes by them makes sure before he commits. What was not found is never
 * remembered: what is new is there at once.
 */
export class AtHand<T> {
  private readonly looks = new Map<string, Look<T>>();

  constructor(private readonly clock: Clock) {}

  /** `look` is asked where none was within a second, or one is not to be gone by. */
  find(name: string, look: (now: Date) => Promise<T | null>): Promise<T | null> {
    const now = this.clock.now();
    const earlier = this.looks.get(name);
    const age = earlier === undefined ? FRESH_MS : now.getTime() - earlier.at;
    // A clock that went back says nothing of age.
    if (earlier !== undefined && age >= 0 && age < FRESH_MS) return earlier.found;
    const begun: Look<T> = { at: now.getTime(), known: earlier?.known ?? false, found: look(now) };
    this.remember(name, begun);
    this.settle(name, begun);
    return begun.found;
  }

  /** `known`: this process has found it before. `asked`: somebody is asking at this moment. */
  standingOf(name: string): 'known' | 'asked' | 'unknown' {
    const look = this.looks.get(name);
    if (look === undefined) return 'unknown';
    return look.known ? 'known' : 'asked';
  }

  /** What was found under this name is not so any more. */
  forget(name: string): void {
    this.looks.delete(name);
  }

  /** Something has changed: nobody goes by what he saw before. */
  lookAgain(): void {
    for (const look of this.looks.values()) look.at = 0;
  }

  /** What was not found, or not answered, is not remembered: it is gone before anybody hears the answer. */
  private settle(name: string, look: Look<T>): void {
    const drop = (): void => {
      if (this.looks.get(name) === look) this.looks.delete(name);
    };
    const keep = (): void => void (look.known = true);
    look.found.then(found => (found === null ? drop() : keep()), drop);
  }

  /** The one that was not asked for longest goes first. */
  private remember(name: string, look: Look<T>): void {
    this.looks.delete(name);
    this.looks.set(name, look);
    if (this.looks.size <= REMEMBERED) return;
    const [oldest] = this.looks.keys();
    if (oldest !== undefined) this.looks.delete(oldest);
  }
}
