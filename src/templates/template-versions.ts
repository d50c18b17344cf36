import { NotFoundError, type Template } from '../domain/index.js';

/** More edits than anybody makes while one process lives. */
const mostVersions = 500;

interface Version {
  readonly template: Template;
  readonly text: string;
}

/** Every version of every template that this process has seen, so that runs pinned to an old one can still name it. */
export class TemplateVersions {
  private readonly byHash = new Map<string, Version>();

  remember(template: Template, text: string): void {
    this.byHash.delete(template.hash);
    this.byHash.set(template.hash, { template, text });
    for (const oldest of this.byHash.keys()) {
      if (this.byHash.size <= mostVersions) break;
      this.byHash.delete(oldest);
    }
  }

  textOf({ hash }: Template): string {
    return this.byHash.get(hash)?.text ?? '';
  }

  /**
   * The template that `name`, `name@sha256:9f2c…`, `sha256:9f2c…` or the bare hash names. Four digits of a hash are enough
   * where they fit one version only.
   *
   * @throws {NotFoundError} with the names there are
   */
  find(reference: string, current: ReadonlyMap<string, Template>): Template {
    const byName = current.get(reference);
    if (byName !== undefined) return byName;
    const [, name, digits] = /^(?:([^@]{1,63})@)?(?:sha256:)?([0-9a-f]{4,64})(?:…)?$/.exec(reference) ?? [];
    const fitting = digits === undefined ? [] : this.fitting(name, digits);
    const [first, second] = fitting;
    if (first !== undefined && second === undefined) return first;
    const known = [...current.keys()].sort().join(', ') || 'none';
    if (second !== undefined) throw new NotFoundError(`'${reference}' fits ${fitting.length} versions: give more digits of the hash`);
    throw new NotFoundError(`no template '${reference.slice(0, 120)}'; there are: ${known}`);
  }

  private fitting(name: string | undefined, digits: string): Template[] {
    const fits = ({ template }: Version): boolean =>
      template.hash.startsWith(`sha256:${digits}`) && (name === undefined || template.name === name);
    return [...this.byHash.values()].filter(fits).map(({ template }) => template);
  }
}
