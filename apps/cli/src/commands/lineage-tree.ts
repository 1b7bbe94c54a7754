import type { Lineage, LineageNode } from '@millrace/contracts/millrace/type/v1/lineage';
import { type Paint, plain } from '../text/paint.js';
import { cut, oneLine } from '../text/width.js';

/** A lineage as a tree: the resource at the root, and under each what it was made from. What stands in two places is told in the first. */
export function lineageTree(root: string, lineage: Lineage | undefined, { paint = plain, width = Infinity }: { readonly paint?: Paint; readonly width?: number } = {}): string {
  const nodes = new Map((lineage?.nodes ?? []).map((node) => [node.name, node]));
  const told = new Set<string>();
  const lines: string[] = [];
  const walk = (name: string, { role, head, rest }: { readonly role: string; readonly head: string; readonly rest: string }): void => {
    const node = nodes.get(name);
    const again = told.has(name);
    told.add(name);
    lines.push(`${head}${role === '' ? '' : paint('dim', `${role} `)}${paint('bold', oneLine(name))}${node ? paint('dim', ` ${node.kind}`) : ''}${again ? paint('dim', ' (above)') : ''}`);
    if (again) return;
    const sources = (lineage?.edges ?? []).filter(({ to }) => to === name);
    if (node) for (const fact of factLines(node)) lines.push(cut(`${rest}${sources.length > 0 ? '│ ' : '  '} ${fact}`, width));
    sources.forEach((edge, i) => {
      const last = i === sources.length - 1;
      walk(edge.from, { role: edge.role, head: `${rest}${last ? '└─ ' : '├─ '}`, rest: `${rest}${last ? '   ' : '│  '}` });
    });
  };
  walk(root, { role: '', head: '', rest: '' });
  return `${lines.join('\n')}\n`;
}

const factLines = ({ facts }: LineageNode): readonly string[] =>
  Object.entries(facts)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key.replaceAll('_', ' ')}: ${oneLine(value)}`);
