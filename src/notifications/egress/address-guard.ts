import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** True where a webhook may connect to this address: it is public, or in one of the ranges that the operator allows. */
export type AddressGuard = (address: string) => boolean;

/**
 * @param allow  address ranges (`10.0.0.0/8`, `fd00::/8`) that may be reached although they are not public
 */
export function addressGuard(allow: readonly string[]): AddressGuard {
  const ranges = allow.map((range) => ipaddr.parseCIDR(range));
  return (text) => {
    if (!ipaddr.isValid(text) || /^::\d+\./.test(text)) return false; // ipaddr.js takes ::a.b.c.d for ::ffff:a.b.c.d
    const address = ipaddr.process(text); // an IPv4 address in IPv6 clothes is judged as IPv4
    return isPublic(address) || ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  };
}

/** Global unicast and nothing with a meaning of its own: no loopback, private, link-local, NAT64, 6to4, documentation … range. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return true;
  const [first = 0] = (address as ipaddr.IPv6).parts;
  return first >> 13 === 1; // 2000::/3: all that was ever given out; leaves out ::a.b.c.d
}
