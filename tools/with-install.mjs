// What `npm run demo`, `npm test` and the other scripts start with: installs and builds what is missing, then runs the
// task on the pinned Node. Plain JavaScript that any Node >= 20 can run, because it is the first thing a fresh clone runs.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules/.assay-installed');
const builtStamp = join(root, 'dist/.assay-built');
const [task, ...rest] = process.argv.slice(2);

const jest = ['node_modules/jest/bin/jest.js'];
const tasks = {
  install: () => undefined,
  demo: () => run('node', ['--liftoff-only', 'dist/cli.js', 'demo', ...rest], { build: true }),
  assay: () => run('node', ['--liftoff-only', 'dist/cli.js', ...rest], { build: true, cwd: process.env.INIT_CWD }),
  vectors: () => run('node', ['tools/vectors.mjs', ...rest], { build: true, cwd: process.env.INIT_CWD }),
  test: () => run('node', [...jest, ...rest], { build: true, env: jestEnvironment() }),
  golden: () => run('node', [...jest, 'golden', 'src', ...rest], { build: true, env: { ...jestEnvironment(), ASSAY_UPDATE_GOLDEN: '1' } }),
  tool: () => run('node', rest, { build: true, cwd: process.env.INIT_CWD ?? process.cwd() }),
  calibrate: () => run('node', ['tools/calibrate.mjs', ...rest], { build: true }),
  bench: () => run('node', ['bench/run.mjs', ...rest], { build: true }),
  check: async () => {
    for (const step of ['typecheck', 'lint', 'check:deps', 'check:unused', 'unit']) await run('npm', ['run', '--silent', step]);
  },
};

if (!Object.hasOwn(tasks, task)) fail(`usage: with-install.mjs ${Object.keys(tasks).join('|')} [ARG…]`, 64);
installIfMissing();
await tasks[task]();

function jestEnvironment() {
  return { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim() };
}

function installIfMissing() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing the locked dependencies (npm ci), about half a minute …');
  execute('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], root);
  writeFileSync(stamp, lock);
}

function buildIfStale() {
  const sources = ['src', 'nest-cli.json', 'tsconfig.json', 'package.json'];
  const newest = Math.max(...sources.map((path) => newestChange(join(root, path))));
  if (existsSync(builtStamp) && statSync(builtStamp).mtimeMs >= newest) return;
  say('building …');
  execute(pinnedNode(), ['node_modules/@nestjs/cli/bin/nest.js', 'build'], root);
  mkdirSync(dirname(builtStamp), { recursive: true });
  writeFileSync(builtStamp, '');
}

function newestChange(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

function pinnedNode() {
  const pinned = join(root, 'node_modules/.bin/node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(`no pinned Node for ${process.platform}-${process.arch}: install Node 24 or newer and run this again`, 69);
}

/** Ends with the exit code of the program, if that is not 0. Told to end, it tells the program and waits for it. */
async function run(command, args, { build = false, env = {}, cwd = root } = {}) {
  if (build) buildIfStale();
  const [program, rooted] = command === 'node' ? [pinnedNode(), args.map(fromRoot)] : [command, args];
  const child = spawn(program, rooted, { cwd, stdio: 'inherit', env: environment(env) });
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the program by itself
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((end, reject) => child.on('exit', (...how) => end(how)).on('error', reject)).catch((error) =>
    fail(error.message, 69),
  );
  if (signal) process.exit(128 + constants.signals[signal]); // as a shell does: 0, 1 and 2 would be verdicts
  if (code !== 0) process.exit(code);
}

/** Our own files are named from the root, whatever folder the user stands in. */
function fromRoot(argument) {
  return /^(dist|tools|node_modules|bench)\//.test(argument) ? join(root, argument) : argument;
}

/** What it says goes to standard error: standard output is the task's. */
function execute(program, args, cwd) {
  const { status, signal, error } = spawnSync(program, args, { cwd, stdio: ['inherit', 2, 2], env: environment() });
  if (error) fail(error.message, 69);
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

function environment(more = {}) {
  return { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, ...more };
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text, code) {
  say(text);
  process.exit(code);
}
