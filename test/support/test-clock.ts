import { Clock } from '../../src/kernel/index.js';

/** Time that stands still until the test moves it. */
export class TestClock extends Clock {
  private current: number;

  constructor(instant: string) {
    super();
    this.current = Date.parse(instant);
  }

  now(): Date {
    return new Date(this.current);
  }

  set(instant: string): void {
    this.current = Date.parse(instant);
  }

  advance(duration: {
    days?: number;
    hours?: number;
    minutes?: number;
    seconds?: number;
    milliseconds?: number;
  }): void {
    const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration;
    this.current += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds;
  }
}
