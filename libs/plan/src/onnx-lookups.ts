import { type OnnxGraph, tensor, type Value } from '@millrace/onnx';
import type { LookupTable } from './expression.js';
import { TEXT_MISSING } from './input-layout.js';
import { exactPow2 } from './js-renderer.js';

/** ONNX element types. */
const INT64 = 7;
const DOUBLE = 11;

/** The row of a table for each text [N, 1], as [N, width]. */
export function onnxLookup(graph: OnnxGraph, text: Value, { keys, rows, unseen, missing }: LookupTable): Value {
  const index = graph.ml('LabelEncoder', [text], {
    keys_strings: { strings: [...keys, TEXT_MISSING] },
    values_int64s: { ints: [...keys.keys(), keys.length + 1] },
    default_int64: { int: keys.length },
  });
  return rowsAt(graph, index, [...rows, unseen, missing]);
}

/** The row at each place [N, 1], which counts from 0, as [N, width]; missing where the place is. */
export function onnxPick(graph: OnnxGraph, place: Value, rows: readonly (readonly number[])[]): Value {
  const held = graph.op('Where', [graph.op('IsNaN', [place]), double(graph, rows.length), place]);
  return rowsAt(graph, graph.op('Cast', [held], { to: { int: INT64 } }), [...rows, (rows[0] ?? []).map(() => Number.NaN)]);
}

/** How many of the edges a number reaches; missing where it is. */
export function onnxBucket(graph: OnnxGraph, x: Value, edges: readonly number[]): Value {
  if (edges.length === 0) return graph.op('Where', [graph.op('IsNaN', [x]), double(graph, Number.NaN), double(graph, 0)]);
  const reached = graph.op('GreaterOrEqual', [x, graph.constant(tensor.double(edges, [1, edges.length]))]);
  const count = graph.op('ReduceSum', [graph.op('Cast', [reached], { to: { int: DOUBLE } }), graph.constant(tensor.int64([1]))], { keepdims: { int: 1 } });
  return graph.op('Where', [graph.op('IsNaN', [x]), double(graph, Number.NaN), count]);
}

/** Two to the power of a whole number, from a table of all that a double holds. */
export function onnxPow2(graph: OnnxGraph, exponent: Value): Value {
  const missing = graph.op('IsNaN', [exponent]);
  const shifted = graph.op('Add', [graph.op('Where', [missing, double(graph, 0), exponent]), double(graph, 1074)]);
  const index = graph.op('Cast', [graph.op('Clip', [shifted, graph.constant(tensor.double([0], [])), graph.constant(tensor.double([2097], []))])], { to: { int: INT64 } });
  const powers = graph.constant(tensor.double(Array.from({ length: 2098 }, (_, i) => exactPow2(i - 1074))));
  return graph.op('Where', [missing, double(graph, Number.NaN), graph.op('Gather', [powers, index])]);
}

/** The rows of a table at the places [N, 1], as [N, width]. */
function rowsAt(graph: OnnxGraph, places: Value, rows: readonly (readonly number[])[]): Value {
  const size = rows[0]?.length ?? 0;
  if (size === 1) return graph.op('Gather', [graph.constant(tensor.double(rows.flat())), places]);
  return graph.op('Gather', [graph.constant(tensor.double(rows.flat(), [rows.length, size])), graph.op('Squeeze', [places, graph.constant(tensor.int64([1]))])]);
}

const double = (graph: OnnxGraph, value: number): Value => graph.constant(tensor.double([value], [1, 1]));
