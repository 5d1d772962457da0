import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import { type GraphqlContext, remember } from '../../kernel/graphql/index.js';
import { Forbidden } from '../accounts.errors.js';
import { Authenticate } from '../authenticate.js';
import { requireKey, requireScope } from '../caller.js';
import type { Scope } from '../scope.js';
import { bearerIn } from './bearer.js';
import { CALLER, FOR_BROWSERS_KEY, SCOPES_KEY } from './scopes.js';

/** Lets in who has a key with a scope that the field names; authenticates once per request, however many fields it asks for. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: Authenticate,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    // HTTP routes (callbacks, GraphiQL) authenticate in their own ways.
    if (execution.getType<GqlContextType>() !== 'graphql') return true;
    const context = GqlExecutionContext.create(execution).getContext<GraphqlContext>();
    const { authorization, address } = context.presented;
    const caller = await remember(context, CALLER, () =>
      this.authenticate.execute({ secret: bearerIn(authorization), address }),
    );
    const needed = this.reflector.get<readonly Scope[] | 'any' | undefined>(SCOPES_KEY, execution.getHandler());
    if (needed === undefined) throw new Forbidden('This field is closed.');
    if (needed !== 'any') requireScope(caller, ...needed);
    if (this.reflector.get<true | undefined>(FOR_BROWSERS_KEY, execution.getHandler()) !== true) requireKey(caller);
    return true;
  }
}
