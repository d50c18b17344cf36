import { type ConditionToken, conditionTokens } from './condition-tokens.js';

/** The part of expr-lang that conditions are written in. */
export type ConditionTree =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'argument'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly of: ConditionTree; readonly index: ConditionTree }
  | { readonly kind: 'member'; readonly of: ConditionTree; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly ConditionTree[] }
  | { readonly kind: 'not'; readonly of: ConditionTree }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: ConditionTree; readonly right: ConditionTree };

const deepest = 64;

/** Looser ones first, as in expr-lang. */
const levels: readonly (readonly string[])[] = [
  ['||', 'or'],
  ['&&', 'and'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];

/** The tree of a condition; null where it says more than this part of the language, or nothing. */
export function parseCondition(text: string): ConditionTree | null {
  const tokens = conditionTokens(text);
  if (tokens === null || tokens.length === 0 || tokens.length > 400) return null;
  const reader = new ConditionReader(tokens);
  const tree = reader.binary(0, 0);
  return tree !== null && reader.isAtEnd ? tree : null;
}

/** By recursive descent. Every method gives null where it does not understand. */
class ConditionReader {
  private next = 0;

  constructor(private readonly tokens: readonly ConditionToken[]) {}

  get isAtEnd(): boolean {
    return this.next === this.tokens.length;
  }

  binary(level: number, depth: number): ConditionTree | null {
    const operators = levels[level];
    if (operators === undefined) return this.unary(depth);
    let left = this.binary(level + 1, depth);
    while (left !== null && operators.includes(this.peek())) {
      const operator = this.take();
      const right = this.binary(level + 1, depth);
      if (right === null) return null;
      left = { kind: 'binary', operator: named(operator), left, right };
    }
    return left;
  }

  private unary(depth: number): ConditionTree | null {
    if (depth > deepest) return null;
    const word = this.peek();
    if (word === '!' || word === 'not') {
      this.take();
      const of = this.unary(depth + 1);
      return of && { kind: 'not', of };
    }
    if (word === '-') {
      this.take();
      const of = this.unary(depth + 1);
      return of?.kind === 'number' ? { kind: 'number', value: -of.value } : null;
    }
    return this.postfix(depth);
  }

  private postfix(depth: number): ConditionTree | null {
    let tree = this.primary(depth);
    while (tree !== null) {
      if (this.takeIf('[')) {
        const index = this.binary(0, depth + 1);
        if (index === null || !this.takeIf(']')) return null;
        tree = { kind: 'index', of: tree, index };
      } else if (this.takeIf('.') || this.takeIf('?.')) {
        const name = this.tokens[this.next];
        if (name?.kind !== 'name') return null;
        this.next += 1;
        tree = { kind: 'member', of: tree, name: name.text };
      } else return tree;
    }
    return null;
  }

  private primary(depth: number): ConditionTree | null {
    const token = this.tokens[this.next];
    if (token === undefined || depth > deepest) return null;
    this.next += 1;
    if (token.text === '(' && token.kind === 'operator') {
      const inside = this.binary(0, depth + 1);
      return inside !== null && this.takeIf(')') ? inside : null;
    }
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text.replaceAll('_', '')) };
      case 'placeholder':
        return { kind: 'argument', name: token.text.slice(2, -1) };
      case 'string':
        return textOrArgument(token.text.slice(1, -1));
      case 'name':
        return this.takeIf('(') ? this.call(token.text, depth) : { kind: 'name', name: token.text };
      case 'operator':
        return null;
    }
  }

  private call(name: string, depth: number): ConditionTree | null {
    const args: ConditionTree[] = [];
    if (this.takeIf(')')) return { kind: 'call', name, args };
    do {
      const arg = this.binary(0, depth + 1);
      if (arg === null) return null;
      args.push(arg);
    } while (this.takeIf(','));
    return this.takeIf(')') ? { kind: 'call', name, args } : null;
  }

  private peek(): string {
    const token = this.tokens[this.next];
    return token?.kind === 'operator' || token?.kind === 'name' ? token.text : '';
  }

  private take(): string {
    return this.tokens[this.next++]?.text ?? '';
  }

  private takeIf(text: string): boolean {
    if (this.tokens[this.next]?.kind !== 'operator' || this.peek() !== text) return false;
    this.next += 1;
    return true;
  }
}

const named = (operator: string): string => (operator === 'or' ? '||' : operator === 'and' ? '&&' : operator);

function textOrArgument(text: string): ConditionTree {
  const name = /^\$\{([A-Za-z_][\w-]{0,62})\}$/.exec(text)?.[1];
  return name === undefined ? { kind: 'text', value: text } : { kind: 'argument', name };
}
