import { Injectable } from '@nestjs/common';

/** The only source of time. Tests put a clock here that they move. */
export abstract class Clock {
  abstract now(): Date;
}

@Injectable()
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}
