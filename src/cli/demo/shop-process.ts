import { startShop } from './shop.js';
import { releaseOf } from './shop-behaviour.js';
import { shopTelemetry } from './shop-telemetry.js';

/** What the demo tells one process of the shop, as its only argument. */
export interface ShopProcessConfig {
  readonly version: string;
  readonly pods: number;
  readonly collectorUrl: string;
}

/** What that process says when it serves. */
export interface ShopReady {
  readonly urls: readonly string[];
}

const { version, pods, collectorUrl } = JSON.parse(process.argv[2] ?? '{}') as ShopProcessConfig;
const closing: (() => Promise<void>)[] = [];
const urls: string[] = [];
for (let pod = 1; pod <= pods; pod++) {
  const telemetry = shopTelemetry(collectorUrl, version, `shop-${version}-${pod}`);
  const shop = await startShop(releaseOf(version), telemetry, Math.random);
  urls.push(shop.url);
  closing.push(async () => {
    await shop.close();
    await telemetry.close();
  });
}

process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the demo ends its children itself
process.on('disconnect', () => {
  setTimeout(() => process.exit(0), 1000).unref();
  void Promise.allSettled(closing.map((close) => close())).then(() => process.exit(0));
});
process.send?.({ urls } satisfies ShopReady);
