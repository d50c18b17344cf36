import type { ArgumentSpec } from '../domain/index.js';
import { suggestion } from './did-you-mean.js';
import type { Field } from './fields.js';
import type { Findings, Place } from './findings.js';
import { argumentsIn, brokenPlaceholder, foreignPlaceholder } from './placeholders.js';

/** Which arguments a template declares, and which of them its texts name. */
export class ArgumentUse {
  private readonly used = new Set<string>();

  constructor(
    readonly specs: Readonly<Record<string, ArgumentSpec>>,
    private readonly findings: Findings,
  ) {}

  /** Notes the arguments in a text, and reports those that nobody declared. */
  see(text: string, { path, node }: Field): void {
    for (const name of argumentsIn(text)) this.use(name, path, node.at);
    const broken = brokenPlaceholder(text);
    if (broken !== null) {
      const repair = "write '${name}' with the name of an argument, or '$${' for a literal '${'";
      this.findings.error({ code: 'invalid-placeholder', message: `'${broken}' names no argument`, repair, path, at: node.at });
    }
    const foreign = foreignPlaceholder(text);
    if (foreign !== null) {
      const name = foreign.replace(/[{}\s]/g, '').replace(/^.*\./, '');
      const message = `'${foreign}' is how other tools name an argument`;
      this.findings.error({ code: 'invalid-placeholder', message, repair: `write '\${${name}}'`, path, at: node.at });
    }
  }

  /** The declared argument, noted as used; null, with a finding, where nobody declared it. */
  use(name: string, path: string, at: Place): ArgumentSpec | null {
    this.used.add(name);
    const spec = Object.hasOwn(this.specs, name) ? this.specs[name] : undefined;
    if (spec !== undefined) return spec;
    const known = Object.keys(this.specs);
    const repair = known.length > 0 ? suggestion(name, known) : `add '${name}: { type: string }' below spec.arguments`;
    this.findings.error({ code: 'unknown-argument', message: `no argument is named '${name}'`, repair, path, at });
    return null;
  }

  /** Notes the arguments of a text whose place may yet turn out to be wrong: they are not unused on top of that. */
  seeMentioned(text: string): void {
    for (const name of argumentsIn(text)) this.used.add(name);
  }

  isUsed(name: string): boolean {
    return this.used.has(name);
  }
}
