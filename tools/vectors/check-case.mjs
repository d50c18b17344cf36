/** Fields in which an answer misses what a vector case expects; empty when it passes. */
export function checkCase({ expected, tolerance = {} }, got) {
  return differences(expected, got, '', tolerance);
}

function differences(expected, got, path, tolerance) {
  if (Array.isArray(expected)) {
    if (!isList(got) || got.length !== expected.length) return [{ path, expected, got }];
    return expected.flatMap((item, index) => differences(item, got[index], `${path}[${index}]`, tolerance));
  }
  if (expected !== null && typeof expected === 'object') {
    if (got === null || typeof got !== 'object') return [{ path, expected, got }];
    return Object.keys(expected).flatMap((key) => differences(expected[key], got[key], path ? `${path}.${key}` : key, tolerance));
  }
  return equal(expected, got, toleranceOf(path, tolerance)) ? [] : [{ path, expected, got }];
}

/** null means unbounded or undefined. */
function equal(expected, got, { rel, abs }) {
  if (expected === null) return got === null || got === undefined || (typeof got === 'number' && !Number.isFinite(got));
  if (typeof expected !== 'number') return expected === got;
  return typeof got === 'number' && Math.abs(got - expected) <= abs + rel * Math.abs(expected);
}

/** R's own root finder limits its odds ratios, so those have a tolerance apart. */
function toleranceOf(path, { rel = 0, abs = 0, oddsRatioRel }) {
  return oddsRatioRel !== undefined && /^(oddsRatio|orCi)/.test(path) ? { rel: oddsRatioRel, abs } : { rel, abs };
}

const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
