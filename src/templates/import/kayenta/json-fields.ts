import { InvalidRequestError } from '../../../domain/index.js';

/**
 * Reads a foreign JSON object field by field. Fields nobody asks for are ignored, as Kayenta ignores them; one of a wrong
 * type is a problem. `null` is absent.
 */
export class JsonFields {
  private readonly values: ReadonlyMap<string, unknown>;

  constructor(
    value: unknown,
    private readonly path: string,
    readonly problems: string[],
  ) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) problems.push(`${path || 'the body'} must be an object`);
    this.values = new Map(isObject ? Object.entries(value) : []);
  }

  keys(): string[] {
    return [...this.values.keys()];
  }

  has(key: string): boolean {
    return (this.values.get(key) ?? null) !== null;
  }

  raw(key: string): unknown {
    return this.values.get(key);
  }

  /** '' where it is absent */
  text(key: string, longest = 1024): string {
    const value = this.values.get(key) ?? '';
    if (typeof value === 'string' && value.length <= longest) return value;
    this.wrong(key, `a text of at most ${longest} letters`);
    return '';
  }

  /** Numbers also as texts, as Jackson reads them. */
  number(key: string): number | null {
    const value = this.values.get(key) ?? null;
    if (value === null || value === '') return null;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.wrong(key, 'a number');
    return null;
  }

  flag(key: string): boolean {
    const value = this.values.get(key) ?? false;
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    this.wrong(key, 'true or false');
    return false;
  }

  oneOf<const Word extends string>(key: string, words: readonly Word[]): Word | null {
    const value = this.text(key);
    const word = words.find((each) => each.toLowerCase() === value.toLowerCase());
    if (word === undefined && value !== '') this.wrong(key, `one of ${words.join(', ')}`);
    return word ?? null;
  }

  list(key: string, most = 500): unknown[] {
    const value = this.values.get(key) ?? [];
    if (Array.isArray(value) && value.length <= most) return value;
    this.wrong(key, `a list of at most ${most}`);
    return [];
  }

  texts(key: string): string[] {
    const list = this.list(key);
    const texts = list.filter((each): each is string => typeof each === 'string' && each.length <= 1024);
    if (texts.length < list.length) this.wrong(key, 'a list of texts');
    return texts;
  }

  /** Empty where it is absent. */
  object(key: string): JsonFields {
    return new JsonFields(this.values.get(key) ?? {}, this.pathOf(key), this.problems);
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  wrong(key: string, wanted: string): void {
    this.problems.push(`${this.pathOf(key)} must be ${wanted}`);
  }
}

/** @throws {InvalidRequestError} with all problems in one line, since Kayenta's clients show one line */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidRequestError([...new Set(problems)].join('; ').slice(0, 4000));
}
