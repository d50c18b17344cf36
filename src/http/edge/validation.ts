import { ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';
import { InvalidRequestError, type Issue } from '../../domain/index.js';

/** Checks bodies and queries against their DTO: everything wrong at once, and a field nobody knows is wrong too. */
export const validation = (): ValidationPipe =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true, // of each field; checks of the type stand nearest to it and come first
    validationError: { target: false, value: true }, // for telling what is missing; never repeated to the caller
    exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => issuesOf(error, ''))),
  });

/** One error for all these mistakes; its message names them too, for people who only see one line. */
export function invalidRequest(issues: readonly Issue[]): InvalidRequestError {
  const named = issues.map(({ message }) => message);
  return new InvalidRequestError(named.length === 0 ? 'the body is not what is expected here' : named.join('; '), { issues });
}

function issuesOf({ property, value, constraints, contexts, children }: ValidationError, parent: string): Issue[] {
  const path = parent === '' ? property : `${parent}.${property}`;
  const own = Object.entries(constraints ?? {}).map(([name, message]) => {
    const repair: unknown = contexts?.[name]?.repair;
    return issueOf({
      constraint: name,
      said: message,
      path,
      missing: value === undefined,
      repair: typeof repair === 'string' ? repair : null,
    });
  });
  return [...own, ...(children ?? []).flatMap((child) => issuesOf(child, path))];
}

interface Mistake {
  readonly constraint: string;
  readonly said: string;
  readonly path: string;
  readonly missing: boolean;
  /** what the field's DTO proposes: `@Max(1, { context: { repair } })` */
  readonly repair: string | null;
}

function issueOf({ constraint, said, path, missing, repair }: Mistake): Issue {
  const at = { severity: 'error', path, line: 0, column: 0 } as const;
  if (constraint === 'whitelistValidation')
    return { ...at, code: 'unknown-field', message: `${path} is not known here`, repair: `remove ${path}, or see /docs for the fields` };
  const code = constraint.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (missing) return { ...at, code, message: `${path} is missing`, repair: `add ${path}; /docs shows what belongs there` };
  return { ...at, code, message: said, repair: repair ?? `correct ${path}; /docs shows what belongs there` };
}
