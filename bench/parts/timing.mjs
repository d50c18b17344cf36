/** Milliseconds of the fastest of `rounds` short runs: neighbours only ever make one slower. The first ones are warm-up. */
export function best(rounds, work) {
  let fastest = Infinity;
  for (let i = 0; i < rounds; i++) {
    const begun = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - begun);
  }
  return fastest;
}

/** The same in processor time, for runs so long that neighbours disturb each of them. The clock ticks every few milliseconds, so some run together. */
export function bestOfLong(rounds, work) {
  const together = 10;
  let fastest = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begun = process.threadCpuUsage();
    for (let i = 0; i < together; i++) work();
    fastest = Math.min(fastest, milliseconds(process.threadCpuUsage(begun)) / together);
  }
  return fastest;
}

/** Processor time of the whole process, so that collecting garbage counts, too. */
export function millisecondsOfAllThreads(work) {
  const begun = process.cpuUsage();
  work();
  return milliseconds(process.cpuUsage(begun));
}

/** At most this long did one piece of work take by itself: no longer than on the clock, nor than the processor was at it, tick included. */
export function atMostMilliseconds(work) {
  const [begun, cpu] = [performance.now(), process.threadCpuUsage()];
  work();
  const tick = 4;
  return Math.min(performance.now() - begun, milliseconds(process.threadCpuUsage(cpu)) + tick);
}

const milliseconds = ({ user, system }) => (user + system) / 1000;

/** A fixed piece of arithmetic: what a number of milliseconds means on this machine, now. */
export function oneMillionLogarithms() {
  let sum = 0;
  for (let i = 1; i <= 1_000_000; i++) sum += Math.log1p(i * 1e-6);
  return sum;
}

/** Same seed, same numbers: uniform in [0, 1). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Prints what was measured, and makes the bench fail where it is on the wrong side of its gate. */
export class Report {
  failed = false;

  line(text) {
    process.stdout.write(`${text}\n`);
  }

  atMost(name, value, limit, unit) {
    this.#gate(name, value, value <= limit, `at most ${limit}`, unit);
  }

  atLeast(name, value, limit, unit) {
    this.#gate(name, value, value >= limit, `at least ${limit}`, unit);
  }

  #gate(name, value, isMet, wanted, unit) {
    if (!isMet) this.failed = true;
    this.line(`${name}: ${Number(value.toPrecision(3))}${unit} (gate: ${wanted}${unit}${isMet ? '' : ', NOT MET'})`);
  }
}
