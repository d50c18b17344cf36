import type { Tree, TreeCursor } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { isProblem, promqlTokens } from '../promql-tokens.js';
import { buildTree } from './build-tree.js';
import { unexpectedHere } from './expected-here.js';
import { type QueryText, queryText } from './query-text.js';
import type { Expr, PromqlMistake } from './syntax.js';
import { slipOfCharacter } from './usual-slips.js';

export type ParsedPromql = { readonly expr: Expr; readonly query: QueryText } | { readonly mistake: PromqlMistake };

/** Longer ones are refused by the reader of templates. */
const longest = 8192;
const deepest = 200;

/** It stops at the first mistake: recovering from many would take as long as a hostile author likes. */
const strict = parser.configure({ strict: true });

/** Reads a query with the grammar of Prometheus' own editor. Bounded in length, depth and time; never throws. */
export function parsePromql(written: string): ParsedPromql {
  if (written.length > longest) {
    const message = `the query has ${written.length} characters; at most ${longest} are read`;
    return { mistake: { message, repair: 'shorten it, or use a recording rule', from: 0, to: written.length } };
  }
  const query = queryText(written);
  const unread = promqlTokens(query.text);
  if (isProblem(unread)) {
    const { problem: message, offset: from } = unread;
    const repair = query.text.startsWith('$${', from)
      ? "a literal '${' may stand in quotes only"
      : repairOf(message, query.text.slice(from));
    return { mistake: { message, repair, from, to: from + 1 } };
  }
  return treeOf(query);
}

const repairOf = (message: string, text: string): string => {
  if (message.endsWith('never closed')) return 'close it';
  if (message.endsWith('closes nothing')) return 'remove it, or open it where it should begin';
  return slipOfCharacter(text) ?? 'remove it, or put it in quotes';
};

function treeOf(query: QueryText): ParsedPromql {
  const tree = strictly(query.text);
  if (typeof tree === 'number') return { mistake: unexpectedHere(query.text, tree, firstMistake) };
  const deep = deepPlace(tree.cursor());
  if (deep !== null) {
    const message = `the query has more than ${deepest} operations inside each other`;
    return { mistake: { message, repair: 'split it, or use a recording rule', from: deep, to: deep + 1 } };
  }
  const root = tree.topNode.getChild('Expr');
  if (root === null) return { mistake: { message: 'the query is empty', repair: 'write a selector', from: 0, to: 0 } };
  const { expr, problems } = buildTree(root, query);
  const [problem] = problems;
  if (problem === undefined) return { expr, query };
  const from = problem.from + problem.at;
  return { mistake: { message: problem.problem, repair: problem.repair, from, to: from + problem.length } };
}

/** The tree, or where the grammar gives up. */
function strictly(text: string): Tree | number {
  try {
    return strict.parse(text);
  } catch (error) {
    const [, offset] = /No parse at (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
    return offset === undefined ? 0 : Math.min(Number(offset), text.length);
  }
}

function firstMistake(text: string): number | null {
  const parsed = strictly(text);
  return typeof parsed === 'number' ? parsed : null;
}

/** Walks without recursion, so that no query is too deep to be measured. */
function deepPlace(cursor: TreeCursor): number | null {
  for (let depth = 0; ; ) {
    if (cursor.firstChild()) {
      depth += 1;
      if (depth > deepest * 2) return cursor.from;
      continue;
    }
    while (!cursor.nextSibling()) {
      if (!cursor.parent()) return null;
      depth -= 1;
    }
  }
}
