import type { YamlNode } from '../yaml-tree.js';

/** A part of a document as JSON, for comments and for readers that know no places. */
export const plainText = (node: YamlNode): string => JSON.stringify(plainValue(node), null, 2);

/** Keys such as `__proto__` stay keys. */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  return Object.fromEntries([...node.entries.values()].map(({ key, value }) => [key, plainValue(value)]));
}
