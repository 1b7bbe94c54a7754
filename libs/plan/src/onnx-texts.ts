import { OnnxGraph, tensor, type Value } from '@millrace/onnx';
import type { LetterCase } from './expression.js';
import { TEXT_MISSING } from './input-layout.js';
import { MAX_LENGTH, MAX_REPLACED } from './ir.js';

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
  return stretch(graph, texts, String.raw`(?s)[^\x09-\x0d\x20](?:.*[^\x09-\x0d\x20])?`);
}

/** The number of code points up to MAX_LENGTH, as double: a regular expression for each of its bits. */
export function onnxLength(graph: OnnxGraph, texts: Value): Value {
  const holds = (pattern: string) => graph.op('RegexFullMatch', [texts], { pattern: { string: `(?s)${pattern}` } });
  const bits = Array.from({ length: Math.log2(MAX_LENGTH) }, (_, k) => graph.op('Where', [holds(`(?:.{${2 ** (k + 1)}})*.{${2 ** k},${2 ** (k + 1) - 1}}`), double(graph, 2 ** k), double(graph, 0)]));
  return graph.op('Where', [holds(`.{${MAX_LENGTH},}`), double(graph, MAX_LENGTH), graph.op('Sum', bits)]);
}

/** So many code points from a place that counts from 1; neighbours are joined until one text is left. */
export function onnxSubstring(graph: OnnxGraph, texts: Value, { from, count }: { readonly from: number; readonly count: number }): Value {
  const begin = stretch(graph, texts, String.raw`(?s)\A.{1,${from - 1 + count}}`);
  const padded = graph.op('Concat', [codePoints(graph, begin), blanks(graph, texts, from - 1 + count)], LAST);
  const pick = (value: Value, places: readonly number[]) => graph.op('Gather', [value, graph.constant(tensor.int64(places))], LAST);
  const places = (size: number, first: number, step: number) => Array.from({ length: size }, (_, i) => first + i * step);
  let size = 2 ** Math.ceil(Math.log2(count));
  let joined = pick(padded, places(count, from - 1, 1));
  if (size > count) joined = graph.op('Concat', [joined, blanks(graph, texts, size - count)], LAST);
  for (; size > 1; size /= 2) joined = graph.op('StringConcat', [pick(joined, places(size / 2, 0, 2)), pick(joined, places(size / 2, 1, 2))]);
  return graph.op('Squeeze', [joined, graph.constant(tensor.int64([2]))]);
}

/** Another text in place of each occurrence of one: the parts between are put together in a loop; missing where there are too many. */
export function onnxReplace(graph: OnnxGraph, texts: Value, { find, by }: { readonly find: string; readonly by: string }): Value {
  const empty = graph.op('Equal', [texts, graph.constant(tensor.string([''], [1, 1]))]);
  // An empty text has no parts at all.
  const held = graph.op('Where', [empty, graph.constant(tensor.string(['x'], [1, 1])), texts]);
  const [parts = '', counts = ''] = graph.ops('StringSplit', [held], { attributes: { delimiter: { string: find }, maxsplit: { int: MAX_REPLACED + 1 } }, outputs: 2 });
  const first = graph.op('Gather', [parts, graph.constant(tensor.int64([0], []))], LAST);
  const rounds = graph.op('Sub', [graph.op('Shape', [parts], { start: { int: 2 }, end: { int: 3 } }), graph.constant(tensor.int64([1]))]);
  const [joined = ''] = graph.ops('Loop', [rounds, '', first, parts, counts], { attributes: { body: { graph: joinNext(by) } }, outputs: 3 });
  const many = graph.op('Greater', [counts, graph.constant(tensor.int64([MAX_REPLACED + 1], [1, 1]))]);
  const replaced = graph.op('Where', [many, graph.constant(tensor.string([TEXT_MISSING], [1, 1])), joined]);
  return graph.op('Where', [empty, graph.constant(tensor.string([''], [1, 1])), replaced]);
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

/** The first stretch of each text that an expression finds, '' where there is none. The expression finds one at most, so that a text takes no more memory than it has. */
function stretch(graph: OnnxGraph, texts: Value, expression: string): Value {
  const found = graph.microsoft('Tokenizer', [texts], { mark: { int: 0 }, mincharnum: { int: 1 }, pad_value: { string: '' }, tokenexp: { string: expression } });
  // Where no text has any, there is nothing to take the first of.
  return graph.op('Gather', [graph.op('Concat', [found, blanks(graph, texts, 1)], LAST), graph.constant(tensor.int64([0], []))], LAST);
}

/** The code points of each text as [N, 1, longest], with empty texts after the last one. */
function codePoints(graph: OnnxGraph, texts: Value): Value {
  return graph.microsoft('Tokenizer', [texts], { mark: { int: 0 }, mincharnum: { int: 1 }, pad_value: { string: '' }, separators: { strings: [''] } });
}

const double = (graph: OnnxGraph, value: number): Value => graph.constant(tensor.double([value], [1, 1]));
const blank = (graph: OnnxGraph): Value => graph.constant(tensor.string([''], [1, 1, 1]));

/** Empty texts for each row: [N, 1, size]. */
function blanks(graph: OnnxGraph, texts: Value, size: number): Value {
  const rows = graph.op('Shape', [texts], { start: { int: 0 }, end: { int: 1 } });
  return graph.op('Expand', [blank(graph), graph.op('Concat', [rows, graph.constant(tensor.int64([1, size]))], { axis: { int: 0 } })]);
}
