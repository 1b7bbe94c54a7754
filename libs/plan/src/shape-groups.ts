import type { Expr } from './expression.js';

/**
 * Groups nodes whose graphs have the same operations over different columns and constants, as indices in order of first appearance:
 * they can be computed together as one matrix.
 */
export function shapeGroups(nodes: readonly Expr[]): readonly (readonly number[])[] {
  const shapes = new Map<string, number>();
  const known = new Map<Expr, number>();
  const shape = (node: Expr): number => {
    const there = known.get(node);
    if (there !== undefined) return there;
    // Vectors are computed by themselves, so an element is a leaf whatever lies under it.
    const below = node.op === 'elem' ? [] : node.args.map(shape);
    const key = `${node.op} ${node.type} ${below.join()}`;
    const number = shapes.get(key) ?? shapes.size;
    shapes.set(key, number);
    known.set(node, number);
    return number;
  };
  const groups = new Map<number, number[]>();
  nodes.forEach((node, i) => {
    const number = shape(node);
    const group = groups.get(number) ?? [];
    group.push(i);
    groups.set(number, group);
  });
  return [...groups.values()];
}
