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
  const errors = new ErrorFilter();
  const adapter = adapterWithLimits(errors);
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  useRequestChecks(fastify);
  useBodyParsers(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger, bodyParser: false, abortOnError: false });
  await app.register(helmet, securityHeaders(settings.publicUrl));
  app.useGlobalPipes(validation());
  app.useGlobalFilters(errors);
  serveDocs(app, settings.publicUrl);
  assertEveryRouteHasPolicy(app);
  app.getHttpServer().maxConnections = limits.connections;
  return app;
}

function adapterWithLimits(errors: ErrorFilter): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: 'idle',
    trustProxy: false,
    requestIdHeader: false,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers['x-request-id'], randomUUID),
    routerOptions: { maxParamLength: limits.pathParameterLetters },
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.connectionCheckMs,
      maxHeaderSize: limits.headerBytes,
    },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => errors.send(error, request, reply),
    clientErrorHandler: refuse,
  });
}

const statusOfClientError: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** For bytes that never became a request. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statusOfClientError[error.code ?? ''] ?? 400;
  const { body } = answerTo(Object.assign(new Error('this is not a request that HTTP knows'), { statusCode: status }), randomUUID());
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

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
