import { ValidationPipe } from '@nestjs/common';
import { getMetadataStorage, type ValidationError } from 'class-validator';
import { closestName } from '../../config/index.js';
import { InvalidRequestError, type Issue } from '../../domain/index.js';

/** A DTO whose fields have to fit together: the class says what else is wrong, where each field by itself is fine. */
interface FurtherChecks {
  furtherIssues?(fields: object): readonly Issue[];
}

/** Checks bodies and queries against their DTO: everything wrong at once, and a field nobody knows is wrong too. */
export const validation = (): ValidationPipe =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true, // of each field; checks of the type stand nearest to it and come first
    validationError: { target: true, value: true }, // for telling what is missing or meant; never repeated to the caller
    exceptionFactory: (errors) => invalidRequest([...errors.flatMap((error) => issuesOf(error, '')), ...furtherIssues(errors)]),
  });

/** One error for all these mistakes; its message names them too, for people who only see one line. */
export function invalidRequest(issues: readonly Issue[]): InvalidRequestError {
  const named = issues.map(({ message }) => message);
  return new InvalidRequestError(named.length === 0 ? 'the body is not what is expected here' : named.join('; '), { issues });
}

/** Of the fields that nothing has been said about yet. */
function furtherIssues(errors: readonly ValidationError[]): Issue[] {
  const named = new Set(errors.map(({ property }) => property));
  const target = errors[0]?.target ?? {};
  const fine = Object.fromEntries(Object.entries(target).filter(([name]) => !named.has(name)));
  const found = (target.constructor as FurtherChecks).furtherIssues?.(fine) ?? [];
  return found.filter(({ path }) => !named.has(path.replace(/[.[].*/s, '')));
}

function issuesOf({ property, value, constraints, contexts, children, target }: ValidationError, parent: string): Issue[] {
  const path = parent === '' ? property : `${parent}.${property}`;
  const own = Object.entries(constraints ?? {}).map(([name, message]) => {
    const repair: unknown = contexts?.[name]?.repair;
    return issueOf({
      constraint: name,
      said: message,
      path,
      missing: value === undefined,
      repair: typeof repair === 'string' ? repair : null,
      meant: name === 'whitelistValidation' ? closestName(property, fieldsOf(target)) : null,
    });
  });
  return [...own, ...(children ?? []).flatMap((child) => issuesOf(child, path))];
}

/** Names of everything that this kind of object may have. */
function fieldsOf(target: object | undefined): string[] {
  if (!target) return [];
  const known = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(known.map(({ propertyName }) => propertyName))];
}

interface Mistake {
  readonly constraint: string;
  readonly said: string;
  readonly path: string;
  readonly missing: boolean;
  /** what the field's DTO proposes: `@Max(1, { context: { repair } })` */
  readonly repair: string | null;
  /** the field that was probably meant by one that is not known */
  readonly meant: string | null;
}

function issueOf({ constraint, said, path, missing, repair, meant }: Mistake): Issue {
  const at = { severity: 'error', path, line: 0, column: 0 } as const;
  if (constraint === 'whitelistValidation' && meant !== null)
    return {
      ...at,
      code: 'unknown-field',
      message: `${path} is not known here: did you mean ${meant}?`,
      repair: `write ${meant}, or remove it`,
    };
  if (constraint === 'whitelistValidation')
    return { ...at, code: 'unknown-field', message: `${path} is not known here`, repair: `remove ${path}, or see /docs for the fields` };
  const code = constraint.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (missing) return { ...at, code, message: `${path} is missing`, repair: `add ${path}; /docs shows what belongs there` };
  return { ...at, code, message: said, repair: repair ?? `correct ${path}; /docs shows what belongs there` };
}
