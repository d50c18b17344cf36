import ipaddr from 'ipaddr.js';

/** Only this machine can reach it. A name counts only if it is `localhost`: others can be pointed elsewhere. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}
