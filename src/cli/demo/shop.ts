import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Answer, answerOf, conditionsAt, type Release, type Route, routeOf } from './shop-behaviour.js';
import type { ShopTelemetry } from './shop-telemetry.js';

/** One pod that serves. */
export interface Shop {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves one pod of the shop on a free port of 127.0.0.1. The caller owns the telemetry and closes it afterwards. */
export async function startShop(release: Release, telemetry: ShopTelemetry, random: () => number): Promise<Shop> {
  const server = createServer((request, response) => {
    request.resume();
    serve(request, response, release, telemetry, random).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  release: Release,
  telemetry: ShopTelemetry,
  random: () => number,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const route = routeOf(method, path);
  const span = telemetry.tracer.startSpan(`${method} ${route ?? 'unknown'}`, {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': method, 'url.path': path, ...(route && { 'http.route': route }) },
  });
  const startedAt = performance.now();
  const answer = route ? answerOf(release, route, conditionsAt(Date.now()), random) : { latencyMs: 1, status: 404 };
  await work(span, route, answer, telemetry);
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(bodyOf(path, answer.status));
  span.setAttribute('http.response.status_code', answer.status);
  if (answer.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: 'payment provider refused' });
  span.end();
  telemetry.durations.record((performance.now() - startedAt) / 1000, { 'http.route': route ?? 'unknown' });
  if (route === '/checkout' && answer.status === 201) telemetry.orders.add(1);
}

/** The time a request takes passes in timers, not in computing; a checkout spends half of it at the payment provider. */
async function work(span: Span, route: Route | null, { latencyMs, status }: Answer, { tracer }: ShopTelemetry): Promise<void> {
  if (route !== '/checkout') return void (await after(latencyMs));
  await after(latencyMs / 2);
  const payment = tracer.startSpan('POST /payments', { kind: SpanKind.CLIENT }, trace.setSpan(context.active(), span));
  await after(latencyMs / 2);
  if (status >= 500) payment.setStatus({ code: SpanStatusCode.ERROR });
  payment.end();
}

function bodyOf(path: string, status: number): string {
  return JSON.stringify(status < 400 ? { path, ok: true } : { path, ok: false, status });
}
