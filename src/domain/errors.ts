/** Public API: docs/errors.md lists them and a test compares. */
export type AssayErrorCode =
  | 'ASSAY_REQUEST_INVALID'
  | 'ASSAY_TEMPLATE_INVALID'
  | 'ASSAY_UNAUTHORIZED'
  | 'ASSAY_FORBIDDEN'
  | 'ASSAY_NOT_FOUND'
  | 'ASSAY_CONFLICT'
  | 'ASSAY_OVERLOADED'
  | 'ASSAY_SOURCE_UNAVAILABLE'
  | 'ASSAY_SOURCE_QUERY'
  | 'ASSAY_DELIVERY'
  | 'ASSAY_STORE_UNAVAILABLE'
  | 'ASSAY_CONFIG_INVALID';

/** One mistake in something a person wrote, where it is and how to mend it. */
export interface Issue {
  /** stable kebab-case name of the mistake */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** how to repair it, as an instruction */
  readonly repair: string;
  /** `spec.metrics[0].margin` */
  readonly path: string;
  /** 1-based; 0 where there is no text to point at */
  readonly line: number;
  readonly column: number;
}

/** The world or the user failed. Bugs are RangeErrors and never AssayErrors. */
export abstract class AssayError extends Error {
  abstract readonly code: AssayErrorCode;
  abstract readonly retryable: boolean;
  /** all mistakes at once, where there can be several */
  readonly issues: readonly Issue[];

  constructor(message: string, { issues = [], cause }: { issues?: readonly Issue[]; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.issues = issues;
  }
}

export class InvalidRequestError extends AssayError {
  readonly code = 'ASSAY_REQUEST_INVALID';
  readonly retryable = false;
}

export class InvalidTemplateError extends AssayError {
  readonly code = 'ASSAY_TEMPLATE_INVALID';
  readonly retryable = false;
}

export class UnauthorizedError extends AssayError {
  readonly code = 'ASSAY_UNAUTHORIZED';
  readonly retryable = false;
}

export class ForbiddenError extends AssayError {
  readonly code = 'ASSAY_FORBIDDEN';
  readonly retryable = false;
}

export class NotFoundError extends AssayError {
  readonly code = 'ASSAY_NOT_FOUND';
  readonly retryable = false;
}

export class ConflictError extends AssayError {
  readonly code = 'ASSAY_CONFLICT';
  readonly retryable = false;
}

export class OverloadedError extends AssayError {
  readonly code = 'ASSAY_OVERLOADED';
  readonly retryable = true;
}

/** The source did not answer, or not in time. The same question may succeed later. */
export class SourceUnavailableError extends AssayError {
  readonly code = 'ASSAY_SOURCE_UNAVAILABLE';
  readonly retryable = true;
}

/** The source answered that the question is wrong. Asking again will not help. */
export class SourceQueryError extends AssayError {
  readonly code = 'ASSAY_SOURCE_QUERY';
  readonly retryable = false;
}

export class DeliveryError extends AssayError {
  readonly code = 'ASSAY_DELIVERY';
  readonly retryable: boolean;

  constructor(message: string, { retryable, cause }: { retryable: boolean; cause?: unknown }) {
    super(message, { cause });
    this.retryable = retryable;
  }
}

export class StoreUnavailableError extends AssayError {
  readonly code = 'ASSAY_STORE_UNAVAILABLE';
  readonly retryable = true;
}

export class InvalidConfigError extends AssayError {
  readonly code = 'ASSAY_CONFIG_INVALID';
  readonly retryable = false;
}
