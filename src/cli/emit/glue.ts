import type { Template } from '../../domain/index.js';

/** What glue between a deploy tool and Assay is written from. */
export interface Glue {
  /** how the tool reaches Assay, without a slash at its end */
  readonly server: string;
  readonly template: Template;
  /** values that are the same in every rollout; what a template requires beside them is left for the tool to fill in */
  readonly arguments: Readonly<Record<string, string>>;
  /** name of the application, service or workload; also the value of an argument `service` */
  readonly service: string;
  /** where the tool finds Assay's token */
  readonly secret: string;
  /** version of the tool, as [major, minor]; null: a recent one */
  readonly toolVersion: readonly [number, number] | null;
  /** container image of Assay, for tools that start one */
  readonly image: string;
}

/** Argo, GitHub and others stop asking at some time: as long as a run may last, its last window and the lateness of its data. */
export function longestSeconds({ schedule }: Template): number {
  return schedule.deadlineSeconds + schedule.bakeSeconds + schedule.windowSeconds + schedule.latenessSeconds;
}

/** Whole minutes that surely suffice. */
export const longestMinutes = (template: Template): number => Math.ceil(longestSeconds(template) / 60) + 5;

/** Does a run need a baseline to be named? Not where the template compares with earlier days. */
export const needsBaseline = ({ cohorts }: Template): boolean => cohorts.baseline === undefined;

/** Arguments with their values, `service` included, and those that somebody must still fill in. */
export function argumentsOf({ template, arguments: given, service }: Glue): {
  readonly known: readonly (readonly [string, string])[];
  readonly open: readonly string[];
} {
  const values: Readonly<Record<string, string>> = { ...('service' in template.arguments ? { service } : {}), ...given };
  const open = Object.entries(template.arguments).filter(([name, { required }]) => required && !(name in values));
  return { known: Object.entries(values), open: open.map(([name]) => name) };
}

/** A text as YAML and JSON take it, whatever is in it. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A text as a POSIX shell takes it, whatever is in it. */
export const shellQuoted = (text: string): string => (/^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
