import { Findings, type Place } from './findings.js';
import { parseYaml, pathOf, type YamlNode } from './yaml-tree.js';

/**
 * Where things stand in the text of a template that has been read without errors: a path, as issues name places (`spec.metrics[0].margin`),
 * gives the place of its key, or of what it would stand in where it was left out.
 */
export function placesIn(written: string): (path: string) => Place {
  const root = parseYaml(written.replace(/^\uFEFF/, ''), new Findings());
  return (path) => (root === null ? { line: 1, column: 1 } : placeWithin(root, '', root.at, path));
}

function placeWithin(node: YamlNode, here: string, at: Place, path: string): Place {
  if (here === path) return at;
  for (const child of childrenOf(node, here)) {
    if (path === child.path || path.startsWith(`${child.path}.`) || path.startsWith(`${child.path}[`))
      return placeWithin(child.node, child.path, child.at, path);
  }
  return at;
}

/** What stands in a mapping or list, with the path of each. */
export function childrenOf(node: YamlNode, here: string): { path: string; at: Place; node: YamlNode }[] {
  if (node.kind === 'list') return node.items.map((item, index) => ({ path: `${here}[${index}]`, at: item.at, node: item }));
  if (node.kind === 'scalar') return [];
  return [...node.entries.values()].map(({ key, keyAt, value }) => ({ path: pathOf(here, key), at: keyAt, node: value }));
}
