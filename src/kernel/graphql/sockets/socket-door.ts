import { Injectable } from '@nestjs/common';
import type { Presented } from '../context.js';

/** Who was let in. Whoever answers for callers knows what else it is. */
export interface Admission {
  /** What every operation of the socket remembers from the start. */
  readonly memo: ReadonlyMap<symbol, unknown>;
}

export interface Doorkeeper {
  /** Throws a DomainError where it does not let in. */
  admit(presented: Presented): Promise<Admission>;
  /** Of those let in, whom it would not let in any more. */
  toldToLeave(admissions: readonly Admission[]): Promise<readonly Admission[]>;
}

/** Where sockets ask who may come in. The kernel knows no keys: whoever does stands here. */
@Injectable()
export class SocketDoor {
  private doorkeeper: Doorkeeper | null = null;

  keptBy(doorkeeper: Doorkeeper): void {
    this.doorkeeper = doorkeeper;
  }

  get keeper(): Doorkeeper {
    if (this.doorkeeper === null) throw new Error('nobody keeps the door of the sockets');
    return this.doorkeeper;
  }
}
