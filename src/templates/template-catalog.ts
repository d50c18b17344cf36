import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Issue, Template } from '../domain/index.js';
import { FolderWatch } from './folder-watch.js';
import { hashOf, parseTemplate } from './parse-template.js';
import { listFolder, readText } from './read-folder.js';
import { TemplateVersions } from './template-versions.js';

/** Of one file, in the log. */
const mostWarnings = 5;

/** What is known of one file: its last good template, and what is wrong with the text it has now. */
interface LoadedFile {
  readonly signature: string;
  readonly hash: string | null;
  readonly good: Template | null;
  readonly issues: readonly Issue[];
}

export interface TemplateProblem {
  readonly file: string;
  readonly issues: readonly Issue[];
}

/**
 * The templates of a folder, always the newest good version of each.
 *
 * A file that breaks keeps its last good version and is listed in `problems()`; a file that goes takes its template with it,
 * but runs pinned to any version this process has seen still find it by hash.
 */
@Injectable()
export class TemplateCatalog {
  private readonly log = new Logger(TemplateCatalog.name);
  private readonly directory: string;
  private readonly scrapeSeconds: number | undefined;
  private readonly watch: FolderWatch;
  private readonly versions = new TemplateVersions();
  private readonly listeners = new Set<() => void>();
  private files: ReadonlyMap<string, LoadedFile> = new Map();
  private current: ReadonlyMap<string, Template> = new Map();
  /** which file serves a name: a newcomer cannot take it away */
  private owners: ReadonlyMap<string, string> = new Map();
  private found: readonly TemplateProblem[] = [];

  constructor(@Inject(SETTINGS) settings: Pick<Settings, 'templatesDirectory'> & Partial<Pick<Settings, 'prometheus'>>) {
    this.directory = settings.templatesDirectory;
    this.scrapeSeconds = settings.prometheus?.scrapeIntervalSeconds;
    this.watch = new FolderWatch(this.directory, () => this.reload());
  }

  /** Reads the folder, then follows it. A broken file, or no folder at all, is a problem and never an exception. */
  async start(): Promise<void> {
    await this.reload();
    this.watch.start();
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }

  /** The newest good version of each template, by name. */
  all(): readonly Template[] {
    return [...this.current.values()];
  }

  /** @throws {NotFoundError} with the names there are */
  find(reference: string): Template {
    return this.versions.find(reference, this.current);
  }

  /** The text that the author wrote. @throws {NotFoundError} */
  text(reference: string): string {
    return this.versions.textOf(this.find(reference));
  }

  /** Files whose text is not served as it stands: errors only. */
  problems(): readonly TemplateProblem[] {
    return this.found;
  }

  /** Tells when the set of newest versions has changed. @returns ends the telling */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Reads what has changed in the folder since the last time. */
  async reload(): Promise<void> {
    try {
      const listed = await listFolder(this.directory);
      const loaded = await Promise.all(
        listed.map(async ({ name, signature }): Promise<[string, LoadedFile]> => {
          const before = this.files.get(name);
          return [name, before?.signature === signature ? before : await this.load(name, signature, before)];
        }),
      );
      this.publish(new Map(loaded));
    } catch (error) {
      this.publish(this.files, [this.folderProblem(error)]);
    }
  }

  private async load(name: string, signature: string, before: LoadedFile | undefined): Promise<LoadedFile> {
    const good = before?.good ?? null;
    try {
      const text = await readText(join(this.directory, name));
      const hash = hashOf(text);
      if (before?.hash === hash) return { ...before, signature };
      const { template, issues } = parseTemplate(text, name, this.scrapeSeconds);
      if (template !== null) this.versions.remember(template, text);
      if (template !== null) this.logWarnings(name, issues);
      return { signature, hash, good: template ?? good, issues: issues.filter(({ severity }) => severity === 'error') };
    } catch (error) {
      const repair = 'make it a readable UTF-8 text of at most 64 KiB';
      return { signature, hash: null, good, issues: [wholeFile('unreadable', messageOf(error), repair)] };
    }
  }

  /** What a template may do, and is probably not meant to: said once for each text. */
  private logWarnings(file: string, issues: readonly Issue[]): void {
    for (const { line, column, code, message, repair } of issues.slice(0, mostWarnings))
      this.log.warn(`template warning: ${file}:${line}:${column} ${code} ${message}; ${repair}`);
    const more = issues.length - mostWarnings;
    if (more > 0) this.log.warn(`template warning: ${file} has ${more} more; 'assay template lint' shows them all`);
  }

  private publish(files: ReadonlyMap<string, LoadedFile>, problems: readonly TemplateProblem[] = []): void {
    const owners = new Map<string, string>();
    const next = new Map<string, Template>();
    const found = [...problems];
    for (const [file, { good, issues }] of this.ownersFirst(files)) {
      const owner = good === null ? undefined : owners.get(good.name);
      const doubled = owner === undefined ? [] : [doubleName(good?.name ?? '', owner)];
      if (good !== null && owner === undefined) {
        owners.set(good.name, file);
        next.set(good.name, good);
      }
      if (issues.length + doubled.length > 0) found.push({ file, issues: [...issues, ...doubled] });
    }
    const changed = !sameVersions(this.current, next);
    this.logNews(found, files);
    this.files = files;
    this.current = next;
    this.owners = owners;
    this.found = found;
    if (changed) for (const listener of this.listeners) listener();
  }

  private ownersFirst(files: ReadonlyMap<string, LoadedFile>): [string, LoadedFile][] {
    const owns = ([file, { good }]: [string, LoadedFile]): number => (good !== null && this.owners.get(good.name) === file ? 0 : 1);
    return [...files].sort((a, b) => owns(a) - owns(b));
  }

  /** Says each problem once, when it comes, and when it is gone. */
  private logNews(found: readonly TemplateProblem[], files: ReadonlyMap<string, LoadedFile>): void {
    const before = new Map(this.found.map((problem) => [problem.file, JSON.stringify(problem.issues)]));
    for (const { file, issues } of found) {
      if (before.get(file) === JSON.stringify(issues)) continue;
      const [first] = issues;
      const kept = files.get(file)?.good;
      const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
      const place = first && first.line > 0 ? `${file}:${first.line}:${first.column}` : file;
      const now = kept ? `; ${kept.name}@${kept.hash.slice(0, 15)} stays in force` : '';
      this.log.warn(`template refused: ${place} ${first?.message}${more}${now}`);
    }
    for (const file of before.keys()) {
      if (!found.some((problem) => problem.file === file)) this.log.log(`template problem gone: ${file}`);
    }
  }

  private folderProblem(error: unknown): TemplateProblem {
    const repair = 'create the folder, or set ASSAY_TEMPLATES to the one that holds the templates';
    return { file: this.directory, issues: [wholeFile('unreadable', `the folder cannot be read: ${messageOf(error)}`, repair)] };
  }
}

const wholeFile = (code: string, message: string, repair: string): Issue => ({
  code,
  severity: 'error',
  message,
  repair,
  path: '',
  line: 0,
  column: 0,
});

const doubleName = (name: string, owner: string): Issue =>
  wholeFile('duplicate-template', `'${owner}' has a template named '${name}' already, and that one is served`, 'rename one of them');

const sameVersions = (a: ReadonlyMap<string, Template>, b: ReadonlyMap<string, Template>): boolean =>
  a.size === b.size && [...a].every(([name, { hash }]) => b.get(name)?.hash === hash);

/** Without the path: it says more about the machine than about the file. */
function messageOf(error: unknown): string {
  const { code, message = 'unknown reason' } = error as NodeJS.ErrnoException;
  return code ?? message;
}
