import { Child } from './child.js';
import type { LoadCount } from './load.js';
import type { Aim, LoadProcessConfig } from './load-process.js';
import { baselineRelease, canaryReleases } from './shop-behaviour.js';
import type { ShopProcessConfig, ShopReady } from './shop-process.js';
import { type TrafficStep, targetsOf } from './traffic.js';

const startPatienceMs = 20_000;
const podsPerVersion = 2;

/** Every version of the shop in a process of its own, and the users in another. */
export class Fleet {
  private counts: { readonly at: number; readonly sent: number }[] = [];

  private constructor(
    private readonly children: readonly Child[],
    private readonly load: Child,
    private readonly urls: readonly (readonly string[])[],
  ) {
    load.onMessage((message) => {
      this.counts = [...this.counts.slice(-10), { at: performance.now(), sent: (message as LoadCount).sent }];
    });
  }

  /**
   * @param place  folder that is to be gone when nobody is left to remove it
   * @throws when a process does not come up; those that did are ended
   */
  static async start(collectorUrl: string, place: string): Promise<Fleet> {
    const load = Child.start('the load', './load-process.js', { place } satisfies LoadProcessConfig);
    const shops = [baselineRelease, ...canaryReleases].map(({ version }) => {
      const config: ShopProcessConfig = { version, pods: podsPerVersion, collectorUrl };
      return Child.start(`shop ${version}`, './shop-process.js', config);
    });
    try {
      const ready = await Promise.all(shops.map(async (shop) => (await shop.firstMessage(startPatienceMs)) as ShopReady));
      const urls = ready.map((shop) => shop.urls);
      return new Fleet([load, ...shops], load, urls);
    } catch (error) {
      await Promise.all([load, ...shops].map((child) => child.stop()));
      throw error;
    }
  }

  /** Splits the traffic anew, from now on. */
  aim(step: TrafficStep): void {
    const [baseline = [], ...canaries] = this.urls;
    this.load.send({ targets: targetsOf(step, baseline, canaries) } satisfies Aim);
  }

  /** Sent within the last few seconds. */
  get requestsPerSecond(): number {
    const [first, last] = [this.counts[0], this.counts.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return ((last.sent - first.sent) / (last.at - first.at)) * 1000;
  }

  /** Called when a process dies on its own: from then on the demo shows nothing true. */
  onLost(listener: (how: string) => void): void {
    for (const child of this.children) child.onLost(listener);
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
  }
}
