import { type CanActivate, type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type FastifyRequest } from 'fastify';
import { allows, SETTINGS, type Settings, scopes, TokenFile } from '../../config/index.js';
import { ForbiddenError, NotFoundError, UnauthorizedError } from '../../domain/index.js';
import { type Caller, rememberCaller } from './caller.js';
import { type Policy, policyKey } from './scope.decorator.js';
import { type TokenPlace, tokenPlacesKey, tokensIn } from './token-places.js';

/** Without a tokens file only loopback is served (the settings see to that), and whoever is on this machine may do everything. */
const local: Caller = { name: 'local', scopes };

/** Stands before every route and lets nobody in that its policy does not name. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly log = new Logger(AccessGuard.name);
  private readonly tokens: TokenFile | null;
  private readonly servesApi: boolean;

  constructor(
    private readonly reflector: Reflector,
    @Inject(SETTINGS) { tokensFile, roles }: Settings,
  ) {
    this.servesApi = roles.includes('api');
    this.tokens = tokensFile === null ? null : new TokenFile(tokensFile, (problem) => this.log.warn(problem));
  }

  canActivate(context: ExecutionContext): boolean {
    const policy = this.reflector.getAllAndOverride<Policy | undefined>(policyKey, [context.getHandler(), context.getClass()]);
    if (policy === undefined) throw new ForbiddenError('this route has no policy, so nobody may call it');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (policy === 'public') {
      const known = this.tokens === null ? local : this.known(request, []);
      if (known) rememberCaller(request, known);
      return true;
    }
    if (!this.servesApi) throw new NotFoundError('this process has not the role api: it answers only for its health');
    const places = this.reflector.getAllAndOverride<readonly TokenPlace[] | undefined>(tokenPlacesKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    const caller = this.callerOf(request, places ?? []);
    if (!allows(caller.scopes, policy))
      throw new ForbiddenError(`this needs the scope ${policy}; ${caller.name} has ${caller.scopes.join(', ')}`);
    rememberCaller(request, caller);
    return true;
  }

  private callerOf(request: FastifyRequest, places: readonly TokenPlace[]): Caller {
    if (this.tokens === null) return local;
    const caller = this.known(request, places);
    if (caller) return caller;
    throw new UnauthorizedError(
      tokensIn(request, places).length === 0 && request.headers.authorization === undefined
        ? 'send a token: Authorization: Bearer assay_…'
        : 'this token is not known',
    );
  }

  private known(request: FastifyRequest, places: readonly TokenPlace[]): Caller | null {
    for (const token of tokensIn(request, places)) {
      const entry = this.tokens?.find(token);
      if (entry) return entry;
    }
    return null;
  }
}
