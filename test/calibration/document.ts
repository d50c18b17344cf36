import type { Results } from './plots/index.js';
import { standingInWords, tableOf } from './report.js';
import { scenarios } from './scenarios/index.js';

/** The results as a part of docs/calibration.md. */
export function tablesOf({ worlds }: Results): string {
  const tables = scenarios.flatMap((scenario) => {
    const world = worlds.find(({ name }) => name === scenario.name);
    return world ? [tableOf(scenario, world)] : [];
  });
  return `\n${standingInWords(worlds)}\n\n${tables.join('\n')}`;
}
