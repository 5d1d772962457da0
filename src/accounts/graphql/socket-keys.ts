import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Admission, type Doorkeeper, type Presented, SocketDoor } from '../../kernel/graphql/index.js';
import { Authenticate } from '../authenticate.js';
import type { Caller } from '../caller.js';
import { StillInForce } from '../still-in-force.js';
import { bearerIn } from './bearer.js';
import { CALLER } from './scopes.js';

class KeyAdmission implements Admission {
  readonly memo: ReadonlyMap<symbol, unknown>;

  constructor(
    readonly caller: Caller,
    readonly address: string,
  ) {
    this.memo = new Map([[CALLER, Promise.resolve(caller)]]);
  }
}

/** Lets sockets in by the same keys and tokens as requests, and sees that who lost his key leaves. */
@Injectable()
export class SocketKeys implements Doorkeeper, OnModuleInit {
  constructor(
    private readonly door: SocketDoor,
    private readonly authenticate: Authenticate,
    private readonly still: StillInForce,
  ) {}

  onModuleInit(): void {
    this.door.keptBy(this);
  }

  async admit({ authorization, address }: Presented): Promise<Admission> {
    const caller = await this.authenticate.execute({ secret: bearerIn(authorization), address });
    return new KeyAdmission(caller, address);
  }

  async toldToLeave(admissions: readonly Admission[]): Promise<readonly Admission[]> {
    const admitted = admissions.filter(admission => admission instanceof KeyAdmission);
    const staying = new Set(await this.still.among(admitted));
    return admitted.filter(admission => !staying.has(admission));
  }
}
