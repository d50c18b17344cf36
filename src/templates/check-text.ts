import { CST, Lexer, Parser } from 'yaml';
import type { Findings, Place } from './findings.js';

const largestBytes = 64 * 1024;
const deepest = 32;
const mostLexemes = 10_000;

/** Everything that is not text, and the marks that make text read otherwise than it is. */
const forbidden = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u;
const allowedControls = /[\t\n\r\u0085]/g;

/**
 * Refuses what could hurt the parser, before it sees the text: size, depth, aliases, tags, directives, control characters.
 *
 * Looks at the parser's own tokens, and without recursion, so a quote or comment cannot hide a bracket from it.
 *
 * @returns whether the text may be parsed; if not there are findings
 */
export function checkText(text: string, findings: Findings): boolean {
  const bytes = Buffer.byteLength(text);
  if (bytes > largestBytes) {
    const message = `the template has ${bytes} bytes; at most ${largestBytes} are read`;
    findings.error({ code: 'too-large', message, repair: 'split it into several templates', path: '', at: { line: 1, column: 1 } });
    return false;
  }
  const control = forbidden.exec(text.replace(allowedControls, ' '));
  if (control !== null) {
    const name = `U+${(control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    const message = `there is a control character (${name}) in the text`;
    findings.error({ code: 'control-character', message, repair: 'remove it', path: '', at: placeAt(text, control.index) });
    return false;
  }
  return new TokenScan(text, findings).run();
}

export interface Token {
  readonly type: string;
  readonly place: Place;
}

class TokenScan {
  private readonly said = new Set<string>();
  private ok = true;

  constructor(
    private readonly text: string,
    private readonly findings: Findings,
  ) {}

  run(): boolean {
    let count = 0;
    for (const token of tokensOf(this.text)) {
      count += 1;
      if (count > mostLexemes) {
        this.refuse(
          'too-many-values',
          token.place,
          'there are more values here than any template needs',
          'split it into several templates',
        );
        return false;
      }
      this.checkKind(token);
    }
    return this.ok && this.checkDepth();
  }

  private checkDepth(): boolean {
    const { depth, offset } = measureDepth(this.text);
    if (depth <= deepest) return true;
    const message = `${depth} mappings and lists stand inside each other; at most ${deepest} are read`;
    this.refuse('too-deep', placeAt(this.text, offset), message, 'flatten the template');
    return false;
  }

  private checkKind({ type, place }: Token): void {
    if (type === 'anchor' || type === 'alias') {
      const repair = 'write the value out where it is needed, or put it in quotes if the & or * belongs to it';
      this.refuse('yaml-alias', place, 'anchors and aliases are not read', repair);
    } else if (type === 'tag') {
      const repair = 'remove it, or put the value in quotes if the ! belongs to it';
      this.refuse('yaml-tag', place, 'tags are not read: a value is a text, a number, true or false', repair);
    } else if (type === 'directive-line') {
      this.refuse('yaml-directive', place, 'YAML directives are not read', 'remove the line');
    }
  }

  /** Once for each code: the first place is enough to know what to look for, and a bomb has thousands. */
  private refuse(code: string, at: Place, message: string, repair: string): void {
    this.ok = false;
    if (this.said.has(code)) return;
    this.said.add(code);
    this.findings.error({ code, message, repair, path: '', at });
  }
}

/**
 * How many mappings and lists stand inside each other, by the parser's own syntax tree.
 *
 * The tree is built and walked without recursion, so no text is too deep to be measured.
 */
export function measureDepth(text: string): { depth: number; offset: number } {
  const open: { token: CST.Token; depth: number }[] = [];
  for (const token of new Parser().parse(text)) if (token.type === 'document' && token.value) open.push({ token: token.value, depth: 0 });
  let found = { depth: 0, offset: 0 };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (!('items' in token)) continue;
    if (depth + 1 > found.depth) found = { depth: depth + 1, offset: token.offset };
    for (const item of token.items) {
      const inside = depth + 1 + (isPairInList(token, item) ? 1 : 0);
      found = inside > found.depth ? { depth: inside, offset: token.offset } : found;
      if (item.key) open.push({ token: item.key, depth: inside });
      if (item.value) open.push({ token: item.value, depth: inside });
    }
  }
  return found;
}

/** `[a: 1]` holds a mapping although no brace says so. */
const isPairInList = (list: CST.Token, { key, sep }: CST.CollectionItem): boolean =>
  list.type === 'flow-collection' && list.start.type === 'flow-seq-start' && (key !== undefined || sep !== undefined);

/** Marks of the lexer that stand for nothing in the text. */
const marks = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** The parser's words with their places. */
export function* tokensOf(text: string): Generator<Token> {
  let line = 1;
  let column = 1;
  let scalarFollows = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!scalarFollows && lexeme === CST.SCALAR) {
      scalarFollows = true;
      continue;
    }
    yield { type: scalarFollows ? 'scalar' : (CST.tokenType(lexeme) ?? 'scalar'), place: { line, column } };
    scalarFollows = false;
    if (marks.has(lexeme)) continue;
    const lastBreak = lexeme.lastIndexOf('\n');
    if (lastBreak < 0) column += lexeme.length;
    else {
      line += lexeme.split('\n').length - 1;
      column = lexeme.length - lastBreak;
    }
  }
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
