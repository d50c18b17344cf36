import { readFileSync } from 'node:fs';
import { newRunJudge, type RunJudge } from '../../src/analysis/index.js';
import { measureWindows } from '../../src/analysis/window-reader.js';
import { type ClosedWindow, type Cohorts, cohortNames, type Template, type Verdict } from '../../src/domain/index.js';
import { parseTemplate } from '../../src/templates/index.js';
import { resolveArguments } from '../../src/templates/resolve-arguments.js';

/** A template file with its arguments filled in. */
export function templateFrom(path: string, values: Readonly<Record<string, string>>): Template {
  const { template, issues } = parseTemplate(readFileSync(path, 'utf8'), path);
  if (!template) throw new Error(`${path}: ${issues.map(({ line, message }) => `line ${line}: ${message}`).join('; ')}`);
  return resolveArguments(template, values);
}

/** Cohorts named `baseline` and `canary` by the template's attribute. */
export function namedCohorts({ cohorts }: Template): Cohorts {
  const [baseline, canary] = cohortNames.map((value) => [{ attribute: cohorts.by, operator: '=' as const, value }]);
  return { baseline: baseline ?? [], canary: canary ?? [] };
}

/**
 * Takes every look as the product would, without a store around it: one window after the other until a verdict is final.
 *
 * @param windows  contiguous, each as long as the template's window; drawn only as far as they are needed
 * @returns the final verdict, or the one on the last window
 */
export function takeEveryLook(template: Template, windows: Iterable<ClosedWindow>): { verdict: Verdict | null; looks: number } {
  const run = { template, cohorts: namedCohorts(template), phaseChanges: [] };
  let judge: RunJudge | null = null;
  let verdict: Verdict | null = null;
  let looks = 0;
  for (const window of windows) {
    judge ??= newRunJudge({ template, from: new Date(window.from) }, []);
    for (const measured of measureWindows(run, [window], { stored: [window] })) judge.add(measured);
    looks += 1;
    verdict = judge.verdict({ intervals: 'none', previous: verdict });
    if (verdict.final) break;
  }
  return { verdict, looks };
}
