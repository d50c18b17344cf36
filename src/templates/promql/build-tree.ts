import type { SyntaxNode } from '@lezer/common';
import { holdsPlaceholder, type QueryText } from './query-text.js';
import { readString, type StringProblem } from './string-literal.js';
import type { Binary, Expr, Grouping, LabelMatch, Matching, Span, StringLiteral, WrittenDuration } from './syntax.js';

/** A literal that the grammar lets through, and Prometheus does not. */
export interface LiteralProblem extends StringProblem {
  readonly from: number;
}

/**
 * The query as a tree of our own words, from one that the grammar accepted.
 *
 * The grammar for editors lets `offset`, `[5m]` and `@` stand behind whole sums; in Prometheus they belong to the last operand.
 */
export function buildTree(root: SyntaxNode, query: QueryText): { readonly expr: Expr; readonly problems: readonly LiteralProblem[] } {
  const builder = new TreeBuilder(query);
  return { expr: builder.expr(root), problems: builder.problems };
}

const wordOperators = /^(?:and|or|unless|atan2)$/i;

class TreeBuilder {
  readonly problems: LiteralProblem[] = [];

  constructor(private readonly query: QueryText) {}

  expr(node: SyntaxNode): Expr {
    const span = { from: node.from, to: node.to };
    const [first, second] = childrenOf(node);
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { ...span, type: 'number', value: holdsPlaceholder(this.query, span) ? null : numberOf(this.text(node)) };
      case 'StringLiteral':
        return this.string(node);
      case 'VectorSelector':
        return this.selector(node);
      case 'AggregateExpr':
        return this.aggregation(node);
      case 'FunctionCall':
        return { ...span, type: 'call', name: first ? this.text(first) : '', args: second ? this.operands(second) : [] };
      case 'BinaryExpr':
        return this.binary(node);
      case 'UnaryExpr':
        return { ...span, type: 'unary', of: this.required(second) };
      case 'ParenExpr':
        return { ...span, type: 'paren', of: this.required(first) };
      case 'MatrixSelector':
        return this.onLast(this.required(first), node.to, (of, at) => ({ ...at, type: 'range', of, range: this.duration(second, at) }));
      case 'SubqueryExpr':
        return this.onLast(this.required(first), node.to, (of, at) => ({ ...at, type: 'subquery', of, range: this.duration(second, at) }));
      case 'OffsetExpr':
      case 'StepInvariantExpr': {
        const by = node.name === 'OffsetExpr' ? 'offset' : '@';
        const shift = { from: second?.from ?? node.from, to: node.to };
        return this.onLast(this.required(first), node.to, (of, at) => ({ ...at, type: 'shifted', by, of, shift }));
      }
      default: // AnchoredExpr, SmoothedExpr: the same series
        return this.onLast(this.required(first), node.to, (of, at) => ({ ...at, type: 'paren', of }));
    }
  }

  /** What follows a sum belongs to its last operand. */
  private onLast(of: Expr, to: number, wrap: (of: Expr, at: Span) => Expr): Expr {
    if (of.type === 'binary') return { ...of, to, right: this.onLast(of.right, to, wrap) };
    if (of.type === 'unary') return { ...of, to, of: this.onLast(of.of, to, wrap) };
    return wrap(of, { from: of.from, to });
  }

  private required(node: SyntaxNode | undefined): Expr {
    return node === undefined ? { type: 'string', value: '', from: 0, to: 0 } : this.expr(node);
  }

  private operands(node: SyntaxNode): Expr[] {
    return childrenOf(node).map((child) => this.expr(child));
  }

  private string(node: SyntaxNode): StringLiteral {
    const written = this.text(node);
    const read = readString(written);
    if ('problem' in read) this.problems.push({ ...read, from: node.from });
    return { type: 'string', from: node.from, to: node.to, value: 'value' in read ? read.value : written.slice(1, -1) };
  }

  private selector(node: SyntaxNode): Expr {
    const children = childrenOf(node);
    const identifier = children.find(({ name }) => name === 'Identifier');
    const inBraces = children.filter(({ name }) => name === 'LabelMatchers').flatMap(childrenOf);
    const quoted = inBraces.filter(({ name }) => name === 'QuotedLabelName').map((name) => this.label(name));
    const matchers = inBraces.flatMap((child) => this.matcher(child) ?? []);
    const named = matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value;
    const name = (identifier && this.text(identifier)) ?? quoted[0] ?? named ?? null;
    return { type: 'selector', from: node.from, to: node.to, name, matchers };
  }

  private matcher(node: SyntaxNode): LabelMatch | null {
    const [label, operator, value] = childrenOf(node);
    if (!label || !operator || !value) return null;
    const literal = this.string(value);
    return {
      from: node.from,
      to: node.to,
      label: this.label(label),
      operator: this.text(operator) as LabelMatch['operator'],
      value: literal.value,
      literal,
    };
  }

  private aggregation(node: SyntaxNode): Expr {
    const children = childrenOf(node);
    const op = children.find(({ name }) => name === 'AggregateOp');
    const body = children.find(({ name }) => name === 'FunctionCallBody');
    const modifier = children.find(({ name }) => name === 'AggregateModifier');
    return {
      type: 'aggregation',
      from: node.from,
      to: node.to,
      op: op ? this.text(op).toLowerCase() : '',
      opEnd: op?.to ?? node.from,
      grouping: modifier ? this.grouping(modifier) : null,
      args: body ? this.operands(body) : [],
    };
  }

  private grouping(node: SyntaxNode): Grouping {
    const [word, labels] = childrenOf(node);
    const kind = word && this.text(word).toLowerCase() === 'without' ? 'without' : 'by';
    return { from: node.from, to: node.to, kind, labels: this.labels(labels) };
  }

  private binary(node: SyntaxNode): Binary {
    const children = childrenOf(node);
    const [left] = children;
    const right = children.at(-1);
    const middle = children.slice(1, -1);
    const operator = middle[0];
    const clause = middle.find(({ name }) => name === 'MatchingModifierClause');
    const fill = middle.find(({ name }) => name === 'FillModifier');
    const op = operator ? this.text(operator) : '';
    return {
      type: 'binary',
      from: node.from,
      to: node.to,
      op: wordOperators.test(op) ? op.toLowerCase() : op,
      opAt: operator ? { from: operator.from, to: operator.to } : node,
      bool: middle.some(({ name }) => name === 'BoolModifier'),
      matching: clause ? this.matching(clause) : null,
      fill: fill ? { from: fill.from, to: fill.to } : null,
      left: this.required(left),
      right: this.required(right),
    };
  }

  private matching(node: SyntaxNode): Matching {
    const children = childrenOf(node);
    const [labels, include] = children.filter(({ name }) => name === 'GroupingLabels');
    const join = children.find(({ name }) => name === 'GroupLeft' || name === 'GroupRight')?.name ?? null;
    return {
      from: node.from,
      to: node.to,
      kind: children.some(({ name }) => name === 'Ignoring') ? 'ignoring' : 'on',
      labels: this.labels(labels),
      join: join === null ? null : join === 'GroupLeft' ? 'group_left' : 'group_right',
      include: this.labels(include),
    };
  }

  private labels(node: SyntaxNode | undefined): string[] {
    return node === undefined ? [] : childrenOf(node).map((child) => this.label(child));
  }

  private label(node: SyntaxNode): string {
    const [quoted] = childrenOf(node);
    return quoted === undefined ? this.text(node) : this.string(quoted).value;
  }

  private duration(node: SyntaxNode | undefined, fallback: Span): WrittenDuration {
    if (node === undefined) return { ...fallback, seconds: null };
    const isPlain = childrenOf(node).length === 1 && node.firstChild?.name === 'NumberDurationLiteralInDurationContext';
    const known = isPlain && !holdsPlaceholder(this.query, node);
    return { from: node.from, to: node.to, seconds: known ? numberOf(this.text(node)) : null };
  }

  private text({ from, to }: Span): string {
    return this.query.text.slice(from, to);
  }
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) if (child.name !== 'LineComment') children.push(child);
  return children;
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** A number, or a duration in seconds. */
function numberOf(written: string): number {
  const text = written.replace(/[\s_]/g, '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  const plain = text.replace(/^[-+]/, '');
  if (plain === 'inf') return sign * Number.POSITIVE_INFINITY;
  const parts = [...plain.matchAll(/(\d+)(ms|[smhdwy])/g)];
  const isDuration = parts.length > 0 && parts.map(([part]) => part).join('') === plain;
  const value = isDuration
    ? parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0), 0)
    : Number(plain);
  return sign * value;
}
