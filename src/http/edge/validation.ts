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
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => issuesOf(error, ''))),
  });

/** One error for all these mistakes; its message names them too, for people who only see one line. */
export function invalidRequest(issues: readonly Issue[]): InvalidRequestError {
  const named = issues.map(({ message }) => message);
  return new InvalidRequestError(named.length === 0 ? 'the body is not what is expected here' : named.join('; '), { issues });
}

function issuesOf({ property, constraints, children }: ValidationError, parent: string): Issue[] {
  const path = parent === '' ? property : `${parent}.${property}`;
  const own = Object.entries(constraints ?? {}).map(([name, message]) => issueOf(name, message, path));
  return [...own, ...(children ?? []).flatMap((child) => issuesOf(child, path))];
}

function issueOf(constraint: string, said: string, path: string): Issue {
  const unknown = constraint === 'whitelistValidation';
  return {
    code: unknown ? 'unknown-field' : constraint.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    severity: 'error',
    message: unknown ? `${path} is not known here` : said,
    repair: unknown ? `remove ${path}, or see /docs for the fields` : `correct ${path}`,
    path,
    line: 0,
    column: 0,
  };
}
