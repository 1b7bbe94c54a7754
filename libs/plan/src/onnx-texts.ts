import { OnnxGraph, tensor, type Value } from '@millrace/onnx';
import type { LetterCase } from './expression.js';

const DOUBLE = 11;
const LAST = { axis: { int: 2 } } as const;

// Texts come as [N, 1] and go as [N, 1]. Standard operators change letters and cut at a text; code points are seen by the Tokenizer of ONNX Runtime alone.

/** Letters from A to Z in another case. The locale "C" is there on every machine and knows no other letters. */
export function onnxRecase(graph: OnnxGraph, texts: Value, to: LetterCase): Value {
  // StringNormalizer takes a list.
  const list = graph.op('Reshape', [texts, graph.constant(tensor.int64([-1]))]);
  const changed = graph.op('StringNormalizer', [list], { case_change_action: { string: to.toUpperCase() }, is_case_sensitive: { int: 1 }, locale: { string: 'C' } });
  return graph.op('Reshape', [changed, graph.constant(tensor.int64([-1, 1]))]);
}

/** Texts without white space of ASCII at their ends: the one longest stretch from a character that is none to another. */
export function onnxTrim(graph: OnnxGraph, texts: Value): Value {
  const held = graph.microsoft('Tokenizer', [texts], { mark: { int: 0 }, mincharnum: { int: 1 }, pad_value: { string: '' }, tokenexp: { string: String.raw`(?s)[^\x09-\x0d\x20](?:.*[^\x09-\x0d\x20])?` } });
  // Where no text has any, there is nothing to take the first of.
  return graph.op('Gather', [graph.op('Concat', [held, blanks(graph, texts, 1)], LAST), graph.constant(tensor.int64([0], []))], LAST);
}

/** The number of code points, as double. */
export function onnxLength(graph: OnnxGraph, texts: Value): Value {
  const there = graph.op('Not', [graph.op('Equal', [codePoints(graph, texts), blank(graph)])]);
  return graph.op('ReduceSum', [graph.op('Cast', [there], { to: { int: DOUBLE } }), graph.constant(tensor.int64([2]))], { keepdims: { int: 0 } });
}

/** So many code points from a place that counts from 1; neighbours are joined until one text is left. */
export function onnxSubstring(graph: OnnxGraph, texts: Value, { from, count }: { readonly from: number; readonly count: number }): Value {
  const padded = graph.op('Concat', [codePoints(graph, texts), blanks(graph, texts, from - 1 + count)], LAST);
  const pick = (value: Value, places: readonly number[]) => graph.op('Gather', [value, graph.constant(tensor.int64(places))], LAST);
  const places = (size: number, first: number, step: number) => Array.from({ length: size }, (_, i) => first + i * step);
  let size = 2 ** Math.ceil(Math.log2(count));
  let joined = pick(padded, places(count, from - 1, 1));
  if (size > count) joined = graph.op('Concat', [joined, blanks(graph, texts, size - count)], LAST);
  for (; size > 1; size /= 2) joined = graph.op('StringConcat', [pick(joined, places(size / 2, 0, 2)), pick(joined, places(size / 2, 1, 2))]);
  return graph.op('Squeeze', [joined, graph.constant(tensor.int64([2]))]);
}

/** Another text in place of each occurrence of one: the parts between are put together in a loop, for there may be any number. */
export function onnxReplace(graph: OnnxGraph, texts: Value, { find, by }: { readonly find: string; readonly by: string }): Value {
  const empty = graph.op('Equal', [texts, graph.constant(tensor.string([''], [1, 1]))]);
  // An empty text has no parts at all.
  const held = graph.op('Where', [empty, graph.constant(tensor.string(['x'], [1, 1])), texts]);
  const [parts = '', counts = ''] = graph.ops('StringSplit', [held], { attributes: { delimiter: { string: find } }, outputs: 2 });
  const first = graph.op('Gather', [parts, graph.constant(tensor.int64([0], []))], LAST);
  const rounds = graph.op('Sub', [graph.op('Shape', [parts], { start: { int: 2 }, end: { int: 3 } }), graph.constant(tensor.int64([1]))]);
  const [joined = ''] = graph.ops('Loop', [rounds, '', first, parts, counts], { attributes: { body: { graph: joinNext(by) } }, outputs: 3 });
  return graph.op('Where', [empty, graph.constant(tensor.string([''], [1, 1])), joined]);
}

/** One round of putting parts together: the next part of each text that has one. */
function joinNext(by: string) {
  const body = new OnnxGraph('join', 'join_');
  const [round, go] = [body.input('round', 'int64', []), body.input('go', 'bool', [])];
  const [sum, parts, counts] = [body.input('sum', 'string', ['N', 1]), body.input('parts', 'string', ['N', 1, 'P']), body.input('counts', 'int64', ['N', 1])];
  const next = body.op('Add', [round, body.constant(tensor.int64([1], []))]);
  const part = body.op('Gather', [parts, next], LAST);
  const longer = body.op('StringConcat', [sum, body.op('StringConcat', [body.constant(tensor.string([by], [1, 1])), part])]);
  body.output('go_on', 'bool', [], go);
  body.output('sum_then', 'string', ['N', 1], body.op('Where', [body.op('Less', [next, counts]), longer, sum]));
  body.output('parts_then', 'string', ['N', 1, 'P'], parts);
  body.output('counts_then', 'int64', ['N', 1], counts);
  return body.body();
}

/** The code points of each text as [N, 1, longest], with empty texts after the last one. */
function codePoints(graph: OnnxGraph, texts: Value): Value {
  return graph.microsoft('Tokenizer', [texts], { mark: { int: 0 }, mincharnum: { int: 1 }, pad_value: { string: '' }, separators: { strings: [''] } });
}

const blank = (graph: OnnxGraph): Value => graph.constant(tensor.string([''], [1, 1, 1]));

/** Empty texts for each row: [N, 1, size]. */
function blanks(graph: OnnxGraph, texts: Value, size: number): Value {
  const rows = graph.op('Shape', [texts], { start: { int: 0 }, end: { int: 1 } });
  return graph.op('Expand', [blank(graph), graph.op('Concat', [rows, graph.constant(tensor.int64([1, size]))], { axis: { int: 0 } })]);
}
