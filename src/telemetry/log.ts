import { type LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { type Settings } from '../config/index.js';
import { AssayError } from '../domain/index.js';
import { redact } from './redact.js';

/** The log of one process: JSON, one object a line, whatever users wrote, and no secret in it. */
export function createLog(
  level: Settings['logLevel'],
  secrets: readonly string[],
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['req.headers', 'res.headers', 'headers.authorization', 'authorization', 'password', 'token', 'secret'],
        remove: true,
      },
      hooks: { streamWrite: (line) => redact(line, secrets) },
    },
    destination,
  );
}

/** Parts of Nest that tell how it was put together, at every start the same. */
const chatty = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication', 'LoggerModule']);

/** Lets Nest, and every class that uses Nest's `Logger`, write to the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(chatty.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    // Nest logs what it throws at a start; what somebody can repair is said in one line by whoever catches it.
    const level = message instanceof AssayError && rest.at(-1) === 'ExceptionHandler' ? 'debug' : 'error';
    this.write(level, message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest calls with `(message, context)`, or for errors with `(message, stack, context)`. */
  private write(level: 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: readonly unknown[]): void {
    const words = rest.filter((part): part is string => typeof part === 'string');
    const context = words.at(-1);
    const stack = words.length > 1 ? words[0] : undefined;
    const error = message instanceof Error ? message : rest.find((part) => part instanceof Error);
    const fields = { ...(context && { context }), ...(stack && { stack }), ...(error && { err: error }) };
    this.sink[level](fields, message instanceof Error ? message.message : String(message));
  }
}
