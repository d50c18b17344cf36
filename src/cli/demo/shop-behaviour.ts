/** What the demo shop does, as pure functions: which release answers how fast, and how often wrongly. */
export type Route = '/products' | '/products/:id' | '/cart' | '/checkout';

/** How one release differs from what everybody expects. */
export interface Release {
  readonly version: string;
  readonly about: string;
  /** share of requests to /checkout that fail, 0–1 */
  readonly checkoutErrorRatio: number;
  /** share of all requests that wait for a database connection, 0–1 */
  readonly stallRatio: number;
}

/** What the shop answers to one request. */
export interface Answer {
  readonly latencyMs: number;
  readonly status: number;
}

/** What the whole shop suffers at a moment, whatever the release: 1 is an ordinary moment. */
export interface Conditions {
  readonly latencyFactor: number;
  readonly errorFactor: number;
}

interface RouteProfile {
  readonly method: 'GET' | 'POST';
  readonly route: Route;
  /** share of the requests, 0–1 */
  readonly share: number;
  readonly medianMs: number;
}

export const routes: readonly RouteProfile[] = [
  { method: 'GET', route: '/products', share: 0.3, medianMs: 26 },
  { method: 'GET', route: '/products/:id', share: 0.25, medianMs: 18 },
  { method: 'POST', route: '/cart', share: 0.15, medianMs: 40 },
  { method: 'POST', route: '/checkout', share: 0.3, medianMs: 80 },
];

/** Some requests fail in every release; nobody rolls back for them. */
const everydayErrorRatio = 0.004;
const latencySpread = 0.45;

export const baselineRelease: Release = {
  version: '1.4.2',
  about: 'what runs today',
  checkoutErrorRatio: everydayErrorRatio,
  stallRatio: 0,
};

export const canaryReleases: readonly Release[] = [
  { version: '1.5.0', about: 'a healthy release', checkoutErrorRatio: everydayErrorRatio, stallRatio: 0 },
  { version: '1.5.1', about: 'every eighth checkout fails', checkoutErrorRatio: 0.12, stallRatio: 0 },
  { version: '1.5.2', about: 'every ninth request waits for a connection', checkoutErrorRatio: everydayErrorRatio, stallRatio: 0.11 },
];

/** @throws {RangeError} no such release: a bug in the caller */
export function releaseOf(version: string): Release {
  const release = [baselineRelease, ...canaryReleases].find((known) => known.version === version);
  if (!release) throw new RangeError(`the shop has no release ${version}`);
  return release;
}

/** The route a request asks for, or null. `path` is without the query. */
export function routeOf(method: string, path: string): Route | null {
  const name = /^\/products\/[^/]+$/.test(path) ? '/products/:id' : path;
  return routes.find((known) => known.method === method && known.route === name)?.route ?? null;
}

/**
 * Draws the answer to one request: log-normal latency around the route's median, failures now and then.
 *
 * @param random  uniform in [0, 1)
 */
export function answerOf(release: Release, route: Route, conditions: Conditions, random: () => number): Answer {
  const medianMs = routes.find((known) => known.route === route)?.medianMs ?? 0;
  const errorRatio = route === '/checkout' ? release.checkoutErrorRatio : everydayErrorRatio;
  const failed = random() < errorRatio * conditions.errorFactor;
  const usualMs = medianMs * conditions.latencyFactor * Math.exp(latencySpread * standardNormal(random));
  const stalledMs = random() < release.stallRatio ? 220 + 1.2 * usualMs : 0;
  return { latencyMs: usualMs + stalledMs, status: failed ? 503 : route === '/cart' || route === '/checkout' ? 201 : 200 };
}

/**
 * What every pod suffers alike at this moment: a slow swing of ± 12 % (a day in five minutes), and a hiccup of the shared
 * database in about one of 25 two-second slices. A function of the clock, so that all processes agree without talking.
 */
export function conditionsAt(epochMs: number): Conditions {
  const swing = 1 + 0.12 * Math.sin((2 * Math.PI * epochMs) / 300_000);
  const hiccup = scatter(Math.floor(epochMs / 2000)) < 0.04;
  return { latencyFactor: swing * (hiccup ? 1.25 : 1), errorFactor: hiccup ? 2.5 : 1 };
}

/** Same integer, same number in [0, 1); neighbours have nothing to do with each other. */
function scatter(integer: number): number {
  let mixed = Math.imul(integer ^ (integer >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

/** Box and Muller's normal deviate. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
