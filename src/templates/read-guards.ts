import type { Guards, MixGuard, SampleRatioGuard } from '../domain/index.js';
import { asFields, type Field, type Fields, lastKey } from './fields.js';
import { attributeName, number, ratio } from './readers.js';

const defaultSampleRatio: SampleRatioGuard = { tolerance: 0.02 };
const defaultMix: MixGuard = { by: 'http.route', tolerance: { relative: 0.5, absolute: 0.02 } };

/**
 * What is watched besides the metrics. Without `fields` all defaults hold.
 *
 * @param readsSpans  whether a metric reads spans: nothing else has slices
 */
export function readGuards(fields: Fields | null, readsSpans: boolean): Guards {
  const mixByDefault = readsSpans ? defaultMix : null;
  if (fields === null) return { sampleRatio: defaultSampleRatio, mix: mixByDefault };
  const sampleRatio = readSampleRatio(guardOf('sampleRatio', fields));
  const mix = guardOf('mix', fields);
  if (mix instanceof Object && !readsSpans) warnOfNoSpans(fields);
  const guards = { sampleRatio, mix: readsSpans ? readMix(mix) : null };
  fields.done();
  return guards;
}

/** The mapping of a guard; `off`, or null where it is left out or wrong. */
function guardOf(key: string, guards: Fields): Fields | 'off' | null {
  const field = guards.take(key);
  if (field === null) return null;
  if (field.node.kind === 'scalar') {
    if (field.node.text !== 'off') refuse(field, guards);
    return 'off';
  }
  return asFields(field, guards.findings) ?? null;
}

function refuse({ node, path }: Field, { findings }: Fields): void {
  const key = lastKey(path);
  const message = `'${key}' must be 'off' or a mapping`;
  const example = key === 'mix' ? 'mix: { by: http.route }' : 'sampleRatio: { tolerance: 0.02 }';
  findings.error({ code: 'invalid-value', message, repair: `write '${key}: off', or ${example}`, path, at: node.at });
}

function readSampleRatio(fields: Fields | 'off' | null): SampleRatioGuard | null {
  if (fields === 'off') return null;
  if (fields === null) return defaultSampleRatio;
  const tolerance = fields.optional('tolerance', ratio({ above: 0, max: 0.5 }), defaultSampleRatio.tolerance);
  fields.done();
  return { tolerance };
}

function readMix(fields: Fields | 'off' | null): MixGuard | null {
  if (fields === 'off') return null;
  if (fields === null) return defaultMix;
  const by = fields.optional('by', attributeName, defaultMix.by);
  const tolerance = readTolerance(fields.optional('tolerance', asFields, null));
  fields.done();
  return { by, tolerance };
}

/** What is not said has its default; nothing at all would alarm by chance alone. */
function readTolerance(fields: Fields | null): MixGuard['tolerance'] {
  if (fields === null) return defaultMix.tolerance;
  const tolerance = {
    relative: fields.optional('relative', number({ min: 0, max: 100 }), defaultMix.tolerance.relative),
    absolute: fields.optional('absolute', ratio({ above: 0, below: 1 }), defaultMix.tolerance.absolute),
  };
  fields.done();
  return tolerance;
}

function warnOfNoSpans(guards: Fields): void {
  guards.findings.warning({
    code: 'ignored-key',
    message: 'no metric reads spans, so the mix of the traffic is not known',
    repair: "remove 'mix'",
    path: `${guards.path}.mix`,
    at: guards.placeOf('mix'),
  });
}
