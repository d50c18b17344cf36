import { type AssumedTraffic } from '../../analysis/index.js';
import { InvalidRequestError } from '../../domain/index.js';

const largest = 1e9;
const mostNames = 50;

/**
 * What a caller assumes of the traffic.
 *
 * @throws {InvalidRequestError} a field that is unknown, missing or out of range
 */
export function assumedTrafficOf(value: unknown): AssumedTraffic {
  const given = objectOf(value, 'traffic');
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new InvalidRequestError(`traffic has no field '${unknown.slice(0, 60)}'; it has ${known.join(', ')}`);
  const { share, phi, harm } = given;
  return {
    requestsPerSecond: numberOf(given['requestsPerSecond'], 'requestsPerSecond', isPositive),
    requestsByMetric: numbersOf(given['requestsByMetric'], 'requestsByMetric', isPositive),
    share: share === undefined || share === null ? null : numberOf(share, 'share', (each) => each > 0 && each <= 1),
    levels: numbersOf(given['levels'], 'levels', (each) => each >= 0),
    phi: phi === undefined ? 1 : numberOf(phi, 'phi', (each) => each >= 1),
    harm: harm === undefined ? 2 : numberOf(harm, 'harm', (each) => each > 1),
  };
}

const known = ['requestsPerSecond', 'requestsByMetric', 'share', 'levels', 'phi', 'harm'];

const isPositive = (value: number): boolean => value > 0;

function numberOf(value: unknown, name: string, isInRange: (value: number) => boolean): number {
  if (typeof value === 'number' && value <= largest && isInRange(value)) return value;
  throw new InvalidRequestError(`traffic.${name} is missing, no number, or out of range`);
}

function numbersOf(value: unknown, name: string, isInRange: (value: number) => boolean): Record<string, number> {
  if (value === undefined) return {};
  const entries = Object.entries(objectOf(value, `traffic.${name}`));
  if (entries.length > mostNames) throw new InvalidRequestError(`traffic.${name} names more than ${mostNames} metrics`);
  return Object.fromEntries(entries.map(([metric, number]) => [metric, numberOf(number, `${name}.${metric.slice(0, 60)}`, isInRange)]));
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidRequestError(`${name} must be an object`);
}
