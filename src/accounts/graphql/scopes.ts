import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { GraphqlContext } from '../../kernel/graphql/index.js';
import type { Caller } from '../caller.js';
import { Unauthenticated } from '../accounts.errors.js';
import type { Scope } from '../scope.js';

export const SCOPES_KEY = Symbol('scopes');
export const CALLER = Symbol('caller');

/** Any one of these scopes opens the field. Every query and mutation says; one that does not is closed to all. */
export const Scopes = (...anyOf: readonly Scope[]): MethodDecorator => SetMetadata(SCOPES_KEY, anyOf);

/** Any valid key opens the field. */
export const AnyKey = (): MethodDecorator => SetMetadata(SCOPES_KEY, 'any');

export const FOR_BROWSERS_KEY = Symbol('for browsers');

/** Beside the scopes: a client token opens this field too. Its use case then shows no more than `maySee` lets through. */
export const ForBrowsersToo = (): MethodDecorator => SetMetadata(FOR_BROWSERS_KEY, true);

/** Who is asking; on a nested field too, since the operation's root let it in. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Promise<Caller> => {
  const caller = GqlExecutionContext.create(context).getContext<GraphqlContext>().memo.get(CALLER);
  if (caller === undefined) throw new Unauthenticated();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the guard put it there
  return caller as Promise<Caller>;
});
