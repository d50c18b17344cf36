import type { TemplateShape } from '../calibration-template.js';
import type { RuleName, RuleSettings } from '../judges.js';
import type { World } from '../worlds/world.js';

/** What must hold in a cell. */
export interface Pledge {
  readonly rollbackAtMost?: number;
  readonly rollbackAtLeast?: number;
  readonly promoteAtMost?: number;
  /** median minutes to rollback over all runs */
  readonly minutesAtMost?: number;
  /** found at least as often as by Kayenta's judge, and where both find all, no later: on the same windows, and in the study */
  readonly beatsKayenta?: { readonly rollback: number; readonly minutes: number | null };
}

/** One row of the tables: a world, the template that judges it, and what was promised. */
export interface Cell {
  readonly name: string;
  readonly world: World;
  readonly template: TemplateShape;
  /** healthy canaries get more runs than sick ones: their rates are near 0 */
  readonly healthy: boolean;
  readonly promise: Pledge;
  /** part of what the service is accepted by: with all runs (`--full`) its promises must be shown, not only not be broken */
  readonly gate: boolean;
  /** the harm begins in this window; minutes count from there */
  readonly onset?: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly RuleName[];
  readonly settings: RuleSettings;
  /** a run costs many times as much as one of the others, so that it gets a quarter of the runs unless all are asked for */
  readonly costly?: boolean;
  /** a rate so near its limit that it takes twice the runs to show that it keeps it */
  readonly precise?: boolean;
  readonly cells: readonly Cell[];
}

export const windows = 240;
export const windowSeconds = 15;
export const falseRollback = 0.01;
export const falsePromote = 0.05;

/** One swing in the hour. */
export const hourly = (window: number): number => Math.sin((2 * Math.PI * window) / windows);

/** 5, 20 and 50 % for a third of the hour each. */
export const inSteps = (window: number): number => (window < windows / 3 ? 0.05 : window < (2 * windows) / 3 ? 0.2 : 0.5);

/** What all worlds of the study have in common. */
export const studied = {
  windows,
  windowSeconds,
  historyWindows: windows,
  requestsPerSecond: 100,
  load: () => 1,
  canaryShare: inSteps,
} as const;

export const allRules: readonly RuleName[] = ['kayenta', 'threshold', 'ratio', 'z-test'];

/** As good as no tolerance (none at all is refused by the linter): a healthy canary stands on the border. */
export const none = { relative: 1e-17, absolute: 0 };

/** A canary as good as its baseline: hardly ever rolled back. */
export const healthyCell = (name: string, world: World, template: TemplateShape): Cell => ({
  name,
  world,
  template,
  healthy: true,
  promise: { rollbackAtMost: falseRollback },
  gate: false,
});

/** A canary that is not. */
export const sickCell = (name: string, world: World, template: TemplateShape, promise: Pledge = {}): Cell => ({
  name,
  world,
  template,
  healthy: false,
  promise,
  gate: false,
});

/** The service is accepted by what is promised here. */
export const gate = (cell: Cell): Cell => ({ ...cell, gate: true });

/** One look and 10 % more than the study in which the methods were chosen. */
export const within = (minutes: number): Pledge => ({ minutesAtMost: 1.1 * minutes + windowSeconds / 60 });
