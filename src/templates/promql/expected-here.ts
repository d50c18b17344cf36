import { didYouMean } from '../did-you-mean.js';
import { aggregators, promqlFunctions } from './functions.js';
import type { PromqlMistake } from './syntax.js';
import { isAmongLabels, slipOfWord } from './usual-slips.js';

const operand = 'a metric, a number or a function';

/** What could stand at a place, tried one by one: text for the parser, and words for people. */
const probes: readonly (readonly [string, string])[] = [
  [')', "')'"],
  ['}', "'}'"],
  [']', "']'"],
  [',', "','"],
  ['= "x"', "'=', '!=', '=~' or '!~'"],
  ['"x"', 'a value in quotes'],
  ['x', operand],
  ['5m ]', "a duration such as '5m'"],
  ['(', "'('"],
  ['+ x', 'an operator'],
];

/** The mistake at the place where the grammar gave up: what is there, and what could stand there instead. */
export function unexpectedHere(query: string, offset: number, firstMistake: (text: string) => number | null): PromqlMistake {
  const from = offset + (/^\s*/.exec(query.slice(offset))?.[0].length ?? 0);
  const word = /^(?:[\w:.]+|"[^"\n]*"?|'[^'\n]*'?|`[^`]*`?|=~|!~|==|!=|<=|>=|\S)/.exec(query.slice(from))?.[0] ?? '';
  const span = { from, to: from + Math.max(1, word.length) };
  return foreignFunction(query, from) ?? { ...expected(query.slice(0, from), word, firstMistake), ...span };
}

/** A name before a bracket that is no function. */
function foreignFunction(query: string, at: number): PromqlMistake | null {
  const name = query[at] === '(' ? /([A-Za-z_:][\w:]*)\s*$/.exec(query.slice(0, at)) : null;
  const [, word = ''] = name ?? [];
  const known = [...promqlFunctions.keys(), ...aggregators];
  if (name === null || known.includes(word) || notFunctions.test(word)) return null;
  const meant = didYouMean(word, known);
  const repair = meant === null ? 'use a function of PromQL' : `did you mean '${meant}'?`;
  return { message: `PromQL has no function '${word.slice(0, 60)}'`, repair, from: name.index, to: name.index + word.length };
}

const notFunctions = /^(?:by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset)$/i;

function expected(before: string, word: string, firstMistake: (text: string) => number | null): Pick<PromqlMistake, 'message' | 'repair'> {
  const fitting = probes.filter(([probe]) => fits(`${before} ${probe}`, firstMistake)).map(([, words]) => words);
  const isOperand = fitting.includes(operand);
  const wanted = isOperand ? [operand, ...fitting.filter((words) => words === "')'")] : fitting;
  const mayEnd = word !== '' && before.trim() !== '' && firstMistake(before) === null;
  const all = mayEnd ? [...wanted.filter((words) => words !== "'('"), 'the end of the query'] : wanted;
  const there = word === '' ? 'the query ends' : `there is ${shown(word)}`;
  if (all.length === 0) return { message: `${there}, where nothing fits`, repair: 'try the query in Prometheus first' };
  const named = isAmongLabels(before) ? all.map((words) => (words === operand ? 'a label' : words)) : all;
  return { message: `expected ${listed(named)}, and ${there}`, repair: slipOfWord(before, word) ?? repairFor(before, word, named) };
}

/** The text may go on from here. */
function fits(text: string, firstMistake: (text: string) => number | null): boolean {
  const mistake = firstMistake(text);
  return mistake === null || mistake >= text.length;
}

function repairFor(before: string, word: string, wanted: readonly string[]): string {
  if (wanted.includes('a value in quotes') && /^[\w.:-]+$/.test(word)) return `put it in quotes: "${word}"`;
  if (wanted.includes("','") && wanted.includes("'}'") && word !== '') return 'put a comma between two conditions';
  if (/\[[^\]]*$/.test(before) && /^["']/.test(word)) return 'a duration stands without quotes';
  const [first] = wanted;
  return word === '' ? `go on with ${first}` : `write ${first} here`;
}

const shown = (word: string): string => (word.startsWith("'") ? word.slice(0, 40) : `'${word.slice(0, 40)}'`);

const listed = (words: readonly string[]): string =>
  words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
