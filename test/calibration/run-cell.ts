import { seededRandom } from '../support/random.js';
import { templateOf } from './calibration-template.js';
import { type Course, judgeByAssay, rules } from './judges.js';
import type { Cell, Scenario } from './scenarios/index.js';
import { drawWorld } from './worlds/draw-world.js';

/** Some runs of one cell: a part of the work that a thread takes. */
export interface Task {
  readonly scenario: string;
  readonly cell: string;
  readonly from: number;
  readonly to: number;
  /** runs below this number are also judged by the rules that people use today */
  readonly comparedRuns: number;
  readonly seed: string;
}

/** Courses by judge, in the order of the runs. */
export type Courses = Readonly<Record<string, readonly Course[]>>;

/** Draws the runs of a task and lets every judge see the same windows. */
export function runCell({ rules: names, settings }: Scenario, cell: Cell, task: Task): Courses {
  const template = templateOf({ ...cell.template, metrics: 'metrics' in cell.world ? cell.world.metrics : undefined });
  const courses: Record<string, Course[]> = Object.fromEntries(['assay', ...names].map((name) => [name, []]));
  for (let run = task.from; run < task.to; run += 1) {
    const drawn = drawWorld(cell.world, seededRandom(hashOf(`${task.seed}/${task.scenario}/${task.cell}/${run}`)));
    courses['assay']?.push(judgeByAssay(template, drawn));
    if (run >= task.comparedRuns) continue;
    for (const name of names) courses[name]?.push({ rollback: rules[name](drawn.windows, settings), promote: null });
  }
  return courses;
}

/** FNV-1a, 32 bits, mixed once more so that neighbouring runs have unlike seeds. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
