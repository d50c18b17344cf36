import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { DeliveryError } from '../../domain/index.js';
import { type AddressGuard, addressGuard } from './address-guard.js';

/** Every address of a name, as `dns.lookup` gives them. */
export type AddressLookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const connectTimeoutMs = 5_000;

/**
 * An HTTP agent that reaches public addresses only, whatever the URL looks like.
 *
 * It judges an address that is written out (no lookup happens for those), every address a name resolves to (one that is not public
 * refuses the whole name), and the address of the connection itself, so that a name cannot point elsewhere after the check.
 *
 * @param allow  ranges that may be reached although they are not public
 */
export function guardedAgent(allow: readonly string[], lookup: AddressLookup = systemLookup): Agent {
  const mayReach = addressGuard(allow);
  const connector = buildConnector({ timeout: connectTimeoutMs, lookup: guardedLookup(mayReach, lookup) });
  const connect: buildConnector.connector = (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayReach(host)) return callback(refusal(host), null);
    connector(options, (error, socket) => {
      if (error) return callback(error, null);
      if (mayReach(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(refusal(host), null);
    });
  };
  return new Agent({ connect, keepAliveTimeout: 4_000, connections: 64 });
}

const guardedLookup =
  (mayReach: AddressGuard, lookup: AddressLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => mayReach(address))) return callback(refusal(hostname), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

/** Says which host, never what it resolves to: the names of the inside are nobody's business. */
const refusal = (host: string): DeliveryError =>
  new DeliveryError(`${host} is not at a public address: allow its range with ASSAY_EGRESS_ALLOW if it is meant`, { retryable: true });
