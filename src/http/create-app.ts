import { randomUUID } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { type Socket } from 'node:net';
import helmet from '@fastify/helmet';
import { type DynamicModule, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Settings } from '../config/index.js';
import { assertEveryRouteHasPolicy } from './access/route-policies.js';
import { useBodyParsers } from './edge/body-parsers.js';
import { ErrorFilter } from './edge/error.filter.js';
import { limits } from './edge/limits.js';
import { answerTo } from './edge/problem.js';
import { refuseBytes } from './edge/refuse-bytes.js';
import { requestIdOf, useRequestChecks } from './edge/request-checks.js';
import { validation } from './edge/validation.js';
import { serveDocs } from './openapi.js';

/**
 * The application with its edge: limits, checks, headers, problems and documentation. It does not listen yet.
 *
 * @throws {RangeError} a route does not say who may call it
 */
export async function createApp(
  module: DynamicModule | Type,
  settings: Pick<Settings, 'publicUrl'>,
  logger: LoggerService | false = false,
): Promise<NestFastifyApplication> {
  const options = { logger, bodyParser: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(module, newAdapter(), options);
  await useEdge(app, settings);
  return app;
}

/** How long a request may take to arrive, in milliseconds. */
export interface TimeLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly connectionCheckMs: number;
}

/** Fastify as it may face the world. Its own time limits are zero, which means none. */
export function newAdapter(times: TimeLimits = limits): FastifyAdapter {
  const errors = new ErrorFilter();
  const adapter = new FastifyAdapter({
    bodyLimit: limits.bodyBytes,
    requestTimeout: times.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: 'idle',
    trustProxy: false,
    requestIdHeader: false,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers['x-request-id'], randomUUID),
    routerOptions: { maxParamLength: limits.pathParameterLetters },
    http: {
      headersTimeout: times.headersTimeoutMs,
      connectionsCheckingInterval: times.connectionCheckMs,
      maxHeaderSize: limits.headerBytes,
    },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => errors.send(error, request, reply),
    clientErrorHandler: refuse,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  useRequestChecks(fastify);
  useBodyParsers(fastify);
  return adapter;
}

/** What every handler can rely on: checked input, problems for errors, a policy for each route. */
export async function useEdge(app: NestFastifyApplication, { publicUrl }: Pick<Settings, 'publicUrl'>): Promise<void> {
  await app.register(helmet, securityHeaders(publicUrl));
  app.useGlobalPipes(validation());
  app.useGlobalFilters(new ErrorFilter());
  serveDocs(app, publicUrl);
  assertEveryRouteHasPolicy(app);
  app.getHttpServer().maxConnections = limits.connections;
}

/** For bytes that never became a request. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  refuseBytes(error, socket, (status) => {
    const { headers, body } = answerTo(Object.assign(new Error(noRequest), { statusCode: status }), randomUUID());
    return { contentType: headers['content-type'] ?? '', body: Buffer.from(JSON.stringify(body)) };
  });
}

const noRequest = 'this is not a request that HTTP knows';

/** Nothing from elsewhere, no frame around it, no inline script. */
function securityHeaders(publicUrl: string): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    strictTransportSecurity: publicUrl.startsWith('https:'),
  };
}
