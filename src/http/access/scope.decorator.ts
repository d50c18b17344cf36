import { SetMetadata } from '@nestjs/common';
import { type Scope as ScopeName } from '../../config/index.js';

/** Key under which a route keeps who may call it. */
export const policyKey = 'assay:policy';

/** Who may call a route: holders of a scope, or everybody. */
export type Policy = ScopeName | 'public';

/** The caller needs this scope. */
export const Scope = (scope: ScopeName) => SetMetadata(policyKey, scope satisfies Policy);

/** Anybody may call it: it shows nothing about runs, services or settings. */
export const Public = () => SetMetadata(policyKey, 'public' satisfies Policy);
