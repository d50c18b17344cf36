import { rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type LoadCount, OpenLoopLoad, type Target } from './load.js';
import { routes } from './shop-behaviour.js';

/** What the demo tells this process, as its only argument. */
export interface LoadProcessConfig {
  /** folder to remove at the end: this process outlives a demo that was killed */
  readonly place: string;
}

/** What the demo tells the load whenever the traffic is split anew. */
export interface Aim {
  readonly targets: readonly Target[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 500 });
let sent = 0;
let unanswered = 0;

function send({ url }: Target): void {
  const { method, route } = anyRoute();
  const path = route.replace(':id', String(1 + Math.floor(Math.random() * 500)));
  sent++;
  const question = request(`${url}${path}`, { method, agent, timeout: 10_000 }, (answer) => answer.resume());
  question.on('timeout', () => question.destroy());
  question.on('error', () => unanswered++);
  question.end();
}

function anyRoute(): (typeof routes)[number] {
  let left = Math.random();
  const drawn = routes.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  return drawn ?? (routes[0] as (typeof routes)[number]);
}

const { place } = JSON.parse(process.argv[2] ?? '') as LoadProcessConfig;
const load = new OpenLoopLoad(send, Math.random, () => performance.now());
const report = setInterval(() => process.send?.({ sent, unanswered } satisfies LoadCount), 500);
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the demo ends its children itself
process.on('message', ({ targets }: Aim) => load.aim(targets));
process.on('disconnect', () => {
  load.stop();
  clearInterval(report);
  rmSync(place, { recursive: true, force: true });
  process.exit(0);
});
