import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

const variable = 'ASSAY_KAYENTA_JUDGE_HOME';

/**
 * Kayenta's own judge beside us, on the same numbers. It is no part of Assay: whoever wants to compare puts its jars
 * (io.spinnaker.kayenta:kayenta-judge with what it needs) into a folder and names it in ASSAY_KAYENTA_JUDGE_HOME.
 *
 * @returns a judge to ask, or in one sentence why there is none
 */
export async function kayentaInterval(experiment, control) {
  const home = process.env[variable];
  if (!home) return `${variable} names no folder with its jars`;
  if (!existsSync(home) || !readdirSync(home).some((file) => file.endsWith('.jar'))) return `no jar in ${home}`;
  const classes = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const forget = () => rmSync(classes, { recursive: true, force: true });
  const compiled = spawnSync('javac', ['-cp', `${home}/*`, '-d', classes, join(import.meta.dirname, 'KayentaInterval.java')], {
    encoding: 'utf8',
  });
  if (compiled.status !== 0) {
    forget();
    return `its adapter does not compile here: ${(compiled.stderr || compiled.error?.message || '').split('\n')[0]}`;
  }
  return new KayentaProcess(`${home}/*${delimiter}${classes}`, [experiment, control], forget);
}

/** A warm virtual machine that repeats the same interval as often as it is told. */
class KayentaProcess {
  #child;
  #answers;

  constructor(classpath, samples, forget) {
    this.#child = spawn('java', ['-Xmx512m', '-cp', classpath, 'KayentaInterval'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('exit', forget);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    for (const sample of samples) this.#child.stdin.write(`${sample.join(' ')}\n`);
  }

  /** @returns the fastest of so many repetitions in milliseconds, and the interval */
  async fastest(repetitions) {
    this.#child.stdin.write(`${repetitions}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the Kayenta process ended without an answer');
    const [milliseconds, lower, upper, estimate] = value.split(' ').map(Number);
    return { milliseconds, interval: [lower, upper, estimate] };
  }

  end() {
    this.#child.stdin.end();
  }
}
