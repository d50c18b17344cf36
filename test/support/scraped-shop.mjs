// A process that Prometheus scrapes: node scraped-shop.mjs SHARE_OF_ERRORS. Prints its port. Its requests happen all the
// time, 1000 a second, and are only counted. Like real clients it exposes an error counter from its first error on.
import { createServer } from 'node:http';

const errors = Number(process.argv[2]);
const bounds = Array.from({ length: 24 }, (_, index) => Number((0.01 * 1.25 ** index).toPrecision(3)));
const buckets = bounds.map(() => 0);
const counted = { requests: 0, failed: 0, seconds: 0 };

function serveOne() {
  const seconds = 0.05 * Math.exp(0.4 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
  counted.requests += 1;
  counted.seconds += seconds;
  if (Math.random() < errors) counted.failed += 1;
  bounds.forEach((bound, index) => {
    if (seconds <= bound) buckets[index] += 1;
  });
}

let served = Date.now();
setInterval(() => {
  for (const now = Date.now(); served < now; served += 1) serveOne();
}, 20);

const exposition = () => [
  '# TYPE shop_requests_total counter',
  `shop_requests_total{code="200"} ${counted.requests - counted.failed}`,
  ...(counted.failed > 0 ? [`shop_requests_total{code="500"} ${counted.failed}`] : []),
  '# TYPE shop_duration_seconds histogram',
  ...bounds.map((bound, index) => `shop_duration_seconds_bucket{le="${bound}"} ${buckets[index]}`),
  `shop_duration_seconds_bucket{le="+Inf"} ${counted.requests}`,
  `shop_duration_seconds_sum ${counted.seconds}`,
  `shop_duration_seconds_count ${counted.requests}`,
  '',
];

const server = createServer((_request, response) =>
  response.setHeader('content-type', 'text/plain; version=0.0.4').end(exposition().join('\n')),
);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
