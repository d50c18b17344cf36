// Does Assay keep the promises of its budgets? Judges simulated rollouts with the product's own look loop, every look taken, beside the
// rules that people use today, and prints a table per world. See docs/calibration.md.
//   npm run calibrate -- [--scenario NAME]… [--runs N] [--seed S] [--full] [--json] [--into FILE] [--show FILE] [--list] [--help]
// Exit code: 0 no promise is broken (--full: and all that the service is accepted by are shown), 1 otherwise, 64 bad usage, 66 a file is not
// there or holds no results.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import './read-typescript.mjs';
import { badUsage, numberOf, toolOptions } from './tool-options.mjs';

const { progressBar } = await import('../dist/cli/progress.js');
const { outcomeOf } = await import('../test/calibration/outcome.ts');
const { resultOf } = await import('../test/calibration/promises.ts');
const { standingInWords, tableOf } = await import('../test/calibration/report.ts');
const { scenarios } = await import('../test/calibration/scenarios/index.ts');
const { workedRun } = await import('../test/calibration/worked-run.ts');

const threads = 2;
const runsOfTask = 10;
/** runs of a cell whose rates are near 0: healthy canaries, and those that may not be promoted; the others need fewer */
const usualRuns = 200;
const fullRuns = 2000;
const fewest = 20;

const usage = `usage: npm run calibrate -- [options]

  --scenario NAME   only this world; may be given more than once
  --runs N          runs of each canary whose rate is near 0 (default: ${usualRuns}); a quarter for the others and
                    for the rules beside Assay, and a quarter of all that for worlds that are slow to judge
  --seed S          another course of events (default: 1)
  --full            ${fullRuns} runs, also of the slow worlds; all that the service is accepted by must then be shown
  --json            one JSON document instead of tables
  --into FILE       put the worlds that were judged into such a document, in place of those of the same name
  --show FILE       the tables of such a document; judges nothing
  --list            names of the worlds
  --help

Exit code: 0 no promise is broken (--full: and all that the service is accepted by are shown to hold), 1 otherwise,
64 bad usage, 66 a file is not there or holds no results.
`;

const options = readOptions();
if (options.list) {
  const listed = scenarios.map(({ name, title, cells }) => ({ name, title, cells: cells.length }));
  end(options.json ? toText(listed) : listed.map(({ name, title, cells }) => `${name.padEnd(14)} ${title}: ${cells} cells\n`).join(''));
}

const chosen = options.scenario.length > 0 ? options.scenario.map(scenarioNamed) : scenarios;
const report = options.show === undefined ? await judgeAll(chosen) : resultsIn(options.show);
if (options.into !== undefined) writeFileSync(options.into, toText(merged(report, options.into)));
process.stdout.write(options.json ? toText(report) : text(report));
process.exitCode = report.worlds.some(({ full, results }) => results.some((result) => isMissed(result, full))) ? 1 : 0;

/** JSON without times of day, so that the same command writes the same bytes. */
function toText(document) {
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** A file of results in which the worlds that were judged now replace those of the same name. */
function merged({ worlds, worked }, file) {
  const before = existsSync(file) ? resultsIn(file).worlds : [];
  const of = (name) => worlds.find((world) => world.name === name) ?? before.find((world) => world.name === name);
  return { worlds: scenarios.flatMap(({ name }) => of(name) ?? []), worked };
}

function isMissed({ gate, findings }, full) {
  return findings.some(({ standing }) => standing === 'broken' || (full && gate && standing !== 'shown'));
}

/** A file that `--into` or `--json` wrote. */
function resultsIn(file) {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8'));
    if (found?.worlds?.every?.(isWorld)) return found;
    return giveUp(`${file} holds no results: --into FILE writes them`);
  } catch (error) {
    return giveUp(error instanceof SyntaxError ? `${file} is not JSON` : `${file} cannot be read: ${error.code ?? error.message}`);
  }
}

function isWorld(world) {
  return typeof world?.name === 'string' && Array.isArray(world.results);
}

function readOptions() {
  const { values } = toolOptions(usage, {
    options: {
      scenario: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      full: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      into: { type: 'string' },
      show: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.runs !== undefined) numberOf(usage, values, 'runs', { least: 1, most: 9_999_999, whole: true });
  numberOf(usage, values, 'seed', { least: 0, most: 1_000_000, whole: true });
  return values;
}

function scenarioNamed(name) {
  const known = scenarios.find((scenario) => scenario.name === name);
  return known ?? badUsage(usage, `no scenario ${name}; there are: ${scenarios.map((scenario) => scenario.name).join(', ')}`);
}

/** Runs of each canary of a world whose rate is near 0. */
function mostOf({ costly, precise }) {
  const asked = Number(options.runs ?? (options.full ? fullRuns : usualRuns));
  if (options.full) return precise && options.runs === undefined ? 2 * asked : asked;
  return costly ? Math.ceil(asked / 4) : asked;
}

function runsOf(scenario, { healthy, promise }) {
  const most = mostOf(scenario);
  const few = Math.max(Math.ceil(most / 4), Math.min(most, fewest));
  return { runs: healthy || promise.promoteAtMost !== undefined ? most : few, comparedRuns: few };
}

/** Deals the runs of all cells out to the threads; the answer does not depend on who took what. */
async function judgeAll(wanted) {
  const cells = wanted.flatMap((scenario) => scenario.cells.map((cell) => ({ scenario, cell, parts: [] })));
  const tasks = cells.flatMap(({ scenario, cell, parts }) => {
    const { runs, comparedRuns } = runsOf(scenario, cell);
    return Array.from({ length: Math.ceil(runs / runsOfTask) }, (_, part) => {
      const [from, to] = [part * runsOfTask, Math.min(runs, (part + 1) * runsOfTask)];
      return { parts, part, task: { scenario: scenario.name, cell: cell.name, from, to, comparedRuns, seed: options.seed } };
    });
  });
  const bar = progressBar(
    'calibrating',
    tasks.reduce((sum, { task }) => sum + task.to - task.from, 0),
  );
  try {
    await Promise.all(Array.from({ length: threads }, () => work(tasks, bar)));
  } finally {
    bar.stop();
  }
  const results = cells.map(({ scenario, cell, parts }) =>
    resultOf(
      scenario,
      cell,
      ['assay', ...scenario.rules].map((judge) =>
        outcomeOf(
          judge,
          parts.flatMap((courses) => courses[judge]),
          cell,
        ),
      ),
    ),
  );
  const how = { seed: options.seed, full: options.full, commit: commitOf() };
  const of = (name) => results.filter(({ scenario }) => scenario === name).map(({ scenario: _, ...result }) => result);
  const worlds = wanted.map((scenario) => ({ name: scenario.name, runs: mostOf(scenario), ...how, results: of(scenario.name) }));
  return { worlds, worked: workedRuns() };
}

/** What was judged with; null outside of a repository. */
function commitOf() {
  try {
    const git = (...args) =>
      execFileSync('git', ['-C', import.meta.dirname, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return git('log', '-1', '--format=%h', '--', '../src').trim() || null;
  } catch {
    return null;
  }
}

/** Two runs as an example for the plots: a healthy canary, and one with twice the errors. */
function workedRuns() {
  const { cells } = scenarioNamed('promote');
  return ['A/A, bursts of 1', 'errors × 2, bursts of 1'].map((name) =>
    workedRun(
      cells.find((cell) => cell.name === name),
      Number(options.seed) || 1,
    ),
  );
}

async function work(tasks, bar) {
  const worker = new Worker(new URL('./calibrate-worker.mjs', import.meta.url));
  try {
    for (let next = tasks.shift(); next; next = tasks.shift()) {
      next.parts[next.part] = await ask(worker, next.task);
      bar.advance(next.task.to - next.task.from);
    }
  } finally {
    await worker.terminate();
  }
}

function ask(worker, task) {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer) => {
      worker.off('error', reject);
      resolve(answer);
    });
    worker.postMessage(task);
  });
}

function text({ worlds }) {
  const shown = worlds.filter(({ name }) => chosen.some((scenario) => scenario.name === name));
  return `${shown.map((world) => tableOf(scenarioNamed(world.name), world)).join('\n')}\n${standingInWords(shown)}\n`;
}

function end(words) {
  process.stdout.write(words);
  process.exit(0);
}

function giveUp(words) {
  process.stderr.write(`${words}\n`);
  process.exit(66);
}
