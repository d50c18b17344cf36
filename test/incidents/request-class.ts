import type { RequestClass } from './incident.js';

/** Class of a request to the shop, from the operations it called directly. */
export function requestClass(called: ReadonlySet<string>): RequestClass {
  if (called.size === 0) return 'static';
  if (called.has('PlaceOrder')) return 'checkout';
  if (called.has('AddItem')) return 'addcart';
  if (called.has('ListProducts')) return 'home';
  if (called.has('GetQuote')) return 'viewcart';
  if (called.has('GetAds') && called.has('GetProduct')) return 'product';
  return 'other';
}

/** What a request calls, and nothing else, when it breaks off: the recordings carry no status code. */
const brokenOff: readonly (readonly string[])[] = [
  ['PlaceOrder'],
  ['GetProduct'],
  ['GetCart', 'GetSupportedCurrencies', 'GetProduct', 'ListRecommendations'],
];

export function isFailed(called: ReadonlySet<string>): boolean {
  return brokenOff.some((operations) => operations.length === called.size && operations.every((name) => called.has(name)));
}
