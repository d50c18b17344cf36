import { InvalidRequestError } from '../domain/index.js';

/** These bytes are not the OTLP message they are said to be. Sending them again will not help. */
export class MalformedOtlpError extends InvalidRequestError {}
