import type { Decision } from './verdict.js';

/** Which happenings somebody wants to hear about, beside their type; a list that is absent or empty wants all. */
export interface RoutingRules {
  /** a run without a verdict yet is of none */
  readonly decisions?: readonly Decision[];
  /** argument `service` of the run; `*` stands for any text */
  readonly services?: readonly string[];
  /** names of templates; `*` stands for any text */
  readonly templates?: readonly string[];
}

/** What rules are asked about. */
export interface Routed {
  readonly decision: Decision | null;
  readonly service: string | null;
  readonly template: string;
}

/** Is this what the rules want? */
export function followsRules({ decisions, services, templates }: RoutingRules, { decision, service, template }: Routed): boolean {
  return (
    (isAny(decisions) || (decision !== null && decisions.includes(decision))) &&
    (isAny(services) || (service !== null && services.some((pattern) => fits(pattern, service)))) &&
    (isAny(templates) || templates.some((pattern) => fits(pattern, template)))
  );
}

const isAny = (list: readonly string[] | undefined): list is undefined => list === undefined || list.length === 0;

/** Does the text read like the pattern, in which `*` stands for any text? Linear: no backtracking, whatever both are. */
export function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let from = first.length;
  const end = text.length - last.length;
  return rest.every((part) => {
    const at = text.indexOf(part, from);
    from = at + part.length;
    return at >= 0 && from <= end;
  });
}
