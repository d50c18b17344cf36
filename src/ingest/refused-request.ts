import { type RefusalReason, reasonOfStatus } from './refusals.js';

/** A request that is answered with an error status as a whole. */
export class RefusedRequest extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** the same request may be accepted later: the answer says when to try again */
    readonly retryable = false,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly reason: RefusalReason = reasonOfStatus(status),
  ) {
    super(message);
    this.name = 'RefusedRequest';
  }
}
