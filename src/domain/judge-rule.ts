import type { KayentaSettings } from '../statistics/index.js';

/**
 * Who decides, instead of evidence that holds at every look: a judge that decides once. What it says is right as often as it
 * promises only if nobody acts on an earlier look.
 */
export type JudgeRule = KayentaRule | FixedHorizonRule;

/** Kayenta's own judge, to keep a canary config's meaning while moving away from it. */
export interface KayentaRule {
  readonly kind: 'kayenta';
  /** score from which on it promotes, 0–100 */
  readonly pass: number;
  /** score below which it rolls back, 0–100, at most `pass` */
  readonly marginal: number;
  /** at-every-look: a score below `marginal` rolls back at any look, as users of Kayenta have it; promote waits for the deadline */
  readonly decide: 'at-deadline' | 'at-every-look';
  /** per cent of the score by group; groups not named share what is left. Null: by the weight of each metric */
  readonly groups: Readonly<Record<string, number>> | null;
}

/** A classical test of each metric, once, at the deadline. */
export interface FixedHorizonRule {
  readonly kind: 'fixed-horizon';
}

/** What Kayenta knows of a metric besides what the template says anyhow: direction, critical, data that must be there. */
export type KayentaOptions = Omit<KayentaSettings, 'direction' | 'critical' | 'mustHaveData'> & {
  /** the parts of the score it belongs to; absent: one of its own */
  readonly groups?: readonly string[];
};

/** A test that holds for one look, fixed in advance. */
export type ClassicTest = 'two-proportion' | 'fisher' | 'beta-binomial' | 'bootstrap' | 'mann-whitney' | 'welch' | 'kolmogorov-smirnov';

/** Said wherever such a judge's numbers are shown. */
export const notUnderPeeking = 'not valid under peeking';
