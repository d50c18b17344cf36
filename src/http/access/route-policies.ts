import { type INestApplicationContext, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { type Policy, policyKey } from './scope.decorator.js';

/** `RunsController.list` and who may call it; undefined: nobody thought about it. */
export interface RoutePolicy {
  readonly route: string;
  /** `GET` */
  readonly method: string;
  /** `/v1/runs/:id` */
  readonly path: string;
  readonly policy: Policy | undefined;
}

/** Every handler of every controller. */
export function routePolicies(app: INestApplicationContext): RoutePolicy[] {
  const reflector = app.get(Reflector);
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap(({ controllers }) => [...controllers.values()]);
  return controllers.flatMap(({ metatype, name }) => {
    if (typeof metatype !== 'function') return [];
    const prototype: Record<string, unknown> = metatype.prototype;
    const handlers = scanner.getAllMethodNames(prototype).map((method) => ({ method, handler: prototype[method] as () => void }));
    return handlers
      .filter(({ handler }) => reflector.get(METHOD_METADATA, handler) !== undefined)
      .flatMap(({ method, handler }) =>
        [reflector.get<string | readonly string[]>(PATH_METADATA, metatype)].flat().map((prefix) => ({
          route: `${String(name)}.${method}`,
          method: RequestMethod[reflector.get<RequestMethod>(METHOD_METADATA, handler)] ?? '?',
          path: pathOf(prefix, reflector.get<string>(PATH_METADATA, handler)),
          policy: reflector.getAllAndOverride<Policy | undefined>(policyKey, [handler, metatype]),
        })),
      );
  });
}

const pathOf = (...parts: readonly string[]): string => `/${parts.join('/').split('/').filter(Boolean).join('/')}`;

/** @throws {RangeError} a route was added without saying who may call it: refuse to start */
export function assertEveryRouteHasPolicy(app: INestApplicationContext): void {
  const open = routePolicies(app).filter(({ policy }) => policy === undefined);
  if (open.length > 0) throw new RangeError(`routes without @Scope or @Public: ${open.map(({ route }) => route).join(', ')}`);
}
