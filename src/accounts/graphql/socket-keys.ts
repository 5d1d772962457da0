import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Admission, type Doorkeeper, type Presented, SocketDoor } from '../../kernel/graphql/index.js';
import { Authenticate } from '../authenticate.js';
import type { Caller } from '../caller.js';
import { KeysInForce } from '../keys-in-force.js';
import { bearerIn } from './bearer.js';
import { CALLER } from './scopes.js';

class KeyAdmission implements Admission {
  readonly memo: ReadonlyMap<symbol, unknown>;

  constructor(readonly caller: Caller) {
    this.memo = new Map([[CALLER, Promise.resolve(caller)]]);
  }
}

/** Lets sockets in by the same keys as requests, and sees that who lost his key leaves. */
@Injectable()
export class SocketKeys implements Doorkeeper, OnModuleInit {
  constructor(
    private readonly door: SocketDoor,
    private readonly authenticate: Authenticate,
    private readonly keys: KeysInForce,
  ) {}

  onModuleInit(): void {
    this.door.keptBy(this);
  }

  async admit({ authorization, address }: Presented): Promise<Admission> {
    return new KeyAdmission(await this.authenticate.execute({ secret: bearerIn(authorization), address }));
  }

  /** One statement, however many sockets there are. */
  async toldToLeave(admissions: readonly Admission[]): Promise<readonly Admission[]> {
    const admitted = admissions.filter(admission => admission instanceof KeyAdmission);
    const inForce = await this.keys.execute(admitted.map(({ caller }) => caller));
    return admitted.filter(({ caller }) => !inForce.has(caller.keyId));
  }
}
