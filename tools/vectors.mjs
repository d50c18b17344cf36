// Evaluates golden vector files against the built statistics: `npm run vectors -- FILE_OR_DIRECTORY…`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkCase } from './vectors/check-case.mjs';
import { methodsOf } from './vectors/methods.mjs';

const usage = `usage: npm run vectors -- FILE_OR_DIRECTORY…

Evaluates every case of the vector files ({suite, cases: [{id, method, inputs, expected, tolerance}]}) and prints one line
for each that fails. Directories are read with all their folders; index.json is left out.

exit: 0 all passed or skipped (method not built), 1 a case failed, 64 wrong usage or not a vector file`;

const paths = process.argv.slice(2);
if (paths.includes('--help') || paths.includes('-h')) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
if (paths.length === 0) refuse(usage);
const unknownOption = paths.find((path) => path.startsWith('-'));
if (unknownOption) refuse(`unknown option ${unknownOption}\n\n${usage}`);

const files = paths.flatMap(vectorFiles);
if (files.length === 0) refuse(`no .json file in ${paths.join(', ')}`);
const suites = files.map(readSuite);
const methods = methodsOf(await import('../dist/statistics/index.js'), await verdictOf());

const tally = { passed: 0, failed: 0, skipped: 0 };
const unbuilt = new Map();
for (const { suite, cases } of suites) for (const vector of cases) evaluate(suite, vector);
for (const [method, count] of unbuilt) process.stdout.write(`skipped ${count} of method ${method}: not built\n`);
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
process.exit(tally.failed > 0 ? 1 : 0);

function evaluate(suite, vector) {
  const method = Object.hasOwn(methods, vector.method) ? methods[vector.method] : null;
  if (!method) {
    tally.skipped++;
    unbuilt.set(vector.method, (unbuilt.get(vector.method) ?? 0) + 1);
    return;
  }
  const failures = failuresOf(method, vector);
  tally[failures.length === 0 ? 'passed' : 'failed']++;
  for (const failure of failures) process.stdout.write(`FAILED ${suite} ${vector.id} ${vector.method} ${failure}\n`);
}

function failuresOf(method, vector) {
  try {
    const missed = checkCase(vector, method(vector.inputs));
    return missed.map(({ path, got, expected }) => `${path}: got ${shown(got)}, expected ${shown(expected)}`);
  } catch (error) {
    return [`threw ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Numbers that JSON cannot hold stay readable. */
function shown(value) {
  return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
}

function vectorFiles(path) {
  if (!existsSync(path)) refuse(`no such file or directory: ${path}`);
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).sort();
  const found = names.filter((name) => statSync(join(path, name)).isDirectory() || (name.endsWith('.json') && name !== 'index.json'));
  return found.flatMap((name) => vectorFiles(join(path, name)));
}

function readSuite(path) {
  const content = parsed(path);
  if (content === null || typeof content !== 'object' || !Array.isArray(content.cases)) {
    refuse(`${path} is not a vector file: it has no list "cases"`);
  }
  content.cases.forEach((vector, index) => {
    const complete = typeof vector?.method === 'string' && isObject(vector.inputs) && isObject(vector.expected);
    if (!complete) refuse(`${path} is not a vector file: cases[${index}] needs method, inputs and expected`);
  });
  return { suite: content.suite ?? basename(path, '.json'), cases: content.cases };
}

function parsed(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return refuse(`${path} cannot be read as JSON: ${error.message}`);
  }
}

function isObject(value) {
  return value !== null && typeof value === 'object';
}

/** The verdict lives in its own module; without it those cases are skipped. */
async function verdictOf() {
  const compiled = new URL('../dist/verdicts/verdict-of.js', import.meta.url);
  if (!existsSync(compiled)) return undefined;
  return (await import(compiled.href)).verdictOf;
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(64);
}
