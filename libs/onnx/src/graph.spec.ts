import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { OnnxGraph, tensor } from './index.js';

const open = (graph: OnnxGraph, versions = {}) =>
  ort.InferenceSession.create(graph.bytes(versions), { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
const doubles = (values: readonly number[], columns = 1) =>
  new ort.Tensor('float64', Float64Array.from(values), [values.length / columns, columns]);
const data = (results: ort.InferenceSession.OnnxValueMapType, name: string) => Array.from((results[name] as ort.Tensor).data as Float64Array);

describe('an ONNX graph', () => {
  it('runs in ONNX Runtime', async () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'double', ['N', 1]);
    graph.output('y', 'double', ['N', 1], graph.op('Add', [graph.op('Mul', [x, graph.constant(tensor.double([2]))]), graph.constant(tensor.double([1]))]));
    const session = await open(graph);
    expect(data(await session.run({ x: doubles([1, 2.5]) }), 'y')).toEqual([3, 6]);
  });

  it('carries every bit of a constant', async () => {
    const values = [-0, 5e-324, Number.MAX_VALUE, -Infinity, Number.NaN, 0.1];
    const graph = new OnnxGraph();
    const x = graph.input('x', 'double', ['N', 1]);
    graph.output('y', 'double', ['N', values.length], graph.op('Concat', [x, graph.constant(tensor.double(values, [1, values.length]))], { axis: { int: 1 } }));
    const result = data(await (await open(graph)).run({ x: doubles([0]) }), 'y').slice(1);
    expect(result).toEqual(values);
  });

  it('makes equal constants and equal nodes once, and tells -0 from 0', () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'double', ['N']);
    const one = graph.constant(tensor.double([1]));
    expect(graph.constant(tensor.double([1]))).toBe(one);
    expect(graph.constant(tensor.double([0]))).not.toBe(graph.constant(tensor.double([-0])));
    expect(graph.constant(tensor.int64([1]))).not.toBe(one);
    expect(graph.op('Add', [x, one])).toBe(graph.op('Add', [x, one]));
    expect(graph.op('Cast', [x], { to: { int: 1 } })).not.toBe(graph.op('Cast', [x], { to: { int: 7 } }));
    expect(graph.ops('Split', [x], { attributes: { axis: { int: 0 } }, outputs: 2 })).toHaveLength(2);
  });

  it('leaves out what no output needs', () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'double', ['N']);
    graph.op('Neg', [graph.op('Exp', [x])]);
    graph.output('y', 'double', ['N'], graph.op('Abs', [x]));
    expect(graph.size).toBe(1);
  });

  it('shows one value under two names, and an input as an output', async () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'double', ['N', 1]);
    const y = graph.op('Neg', [x]);
    graph.output('y', 'double', ['N', 1], y);
    graph.output('again', 'double', ['N', 1], y);
    graph.output('same', 'double', ['N', 1], x);
    const results = await (await open(graph)).run({ x: doubles([4]) });
    expect(['y', 'again', 'same'].map((name) => data(results, name))).toEqual([[-4], [-4], [4]]);
  });

  it('writes every kind of attribute: a string encoder over the ml domain', async () => {
    const graph = new OnnxGraph();
    const s = graph.input('s', 'string', ['N']);
    graph.output('i', 'int64', ['N'], graph.ml('LabelEncoder', [s], { keys_strings: { strings: ['é', '日本'] }, values_int64s: { ints: [7, 2n ** 62n] }, default_int64: { int: -1 } }));
    graph.output('f', 'float', ['N'], graph.ml('LabelEncoder', [s], { keys_strings: { strings: ['é', '日本'] }, values_floats: { floats: [0.5, -0] }, default_float: { float: 9 } }));
    const results = await (await open(graph)).run({ s: new ort.Tensor('string', ['日本', 'é', 'e\u0301'], [3]) });
    expect(Array.from((results['i'] as ort.Tensor).data as BigInt64Array)).toEqual([2n ** 62n, 7n, -1n]);
    expect(Array.from((results['f'] as ort.Tensor).data as Float32Array)).toEqual([-0, 0.5, 9]);
  });

  it('runs with ai.onnx.ml 3 and 5 alike', async () => {
    for (const ml of [3, 5]) {
      const graph = new OnnxGraph();
      const s = graph.input('s', 'string', ['N']);
      const index = graph.ml('LabelEncoder', [s], { keys_tensor: { tensor: tensor.string(['a', 'b']) }, values_tensor: { tensor: tensor.int64([1, 2]) }, default_tensor: { tensor: tensor.int64([0]) } });
      const legacy = graph.ml('LabelEncoder', [s], { keys_strings: { strings: ['a', 'b'] }, values_int64s: { ints: [1, 2] }, default_int64: { int: 0 } });
      graph.output('i', 'int64', ['N'], ml === 5 ? index : legacy);
      const results = await (await open(graph, { ml })).run({ s: new ort.Tensor('string', ['b', 'z'], [2]) });
      expect(Array.from((results['i'] as ort.Tensor).data as BigInt64Array)).toEqual([2n, 0n]);
    }
  });

  it('runs the body of a loop, and operators that only ONNX Runtime has', async () => {
    const body = new OnnxGraph('grow', 'grow_');
    const [round, go, text] = [body.input('round', 'int64', []), body.input('go', 'bool', []), body.input('text', 'string', ['N'])];
    body.output('go_on', 'bool', [], body.op('And', [go, body.op('Less', [round, body.constant(tensor.int64([9], []))])]));
    body.output('longer', 'string', ['N'], body.op('StringConcat', [text, body.constant(tensor.string(['é'], []))]));
    const graph = new OnnxGraph();
    const s = graph.input('s', 'string', ['N']);
    const [grown = ''] = graph.ops('Loop', [graph.constant(tensor.int64([3])), '', s], { attributes: { body: { graph: body.body() } }, outputs: 1 });
    graph.output('grown', 'string', ['N'], grown);
    graph.output('letters', 'string', ['N', 'L'], graph.microsoft('Tokenizer', [grown], { mark: { int: 0 }, mincharnum: { int: 1 }, pad_value: { string: '' }, separators: { strings: [''] } }));
    const results = await (await open(graph)).run({ s: new ort.Tensor('string', ['a', ''], [2]) });
    expect((results['grown'] as ort.Tensor).data).toEqual(['aééé', 'ééé']);
    expect((results['letters'] as ort.Tensor).data).toEqual(['a', 'é', 'é', 'é', 'é', 'é', 'é', '']);
  });

  it('gives the same bytes for the same calls, metadata in any order', () => {
    const build = (keys: readonly string[]) => {
      const graph = new OnnxGraph();
      for (const key of keys) graph.property(key, `of ${key}`);
      graph.output('y', 'double', ['N'], graph.op('Abs', [graph.input('x', 'double', ['N'])]));
      return graph.bytes();
    };
    expect(build(['a', 'b'])).toEqual(build(['b', 'a']));
    expect(new TextDecoder().decode(build(['a']))).toContain('millrace');
  });

  it('refuses a value that nothing makes, a name twice, a wrong shape, and text that the runtime would cut', () => {
    const graph = new OnnxGraph();
    graph.input('x', 'double', ['N']);
    expect(() => graph.op('Abs', ['y'])).toThrow('Abs reads "y"');
    expect(() => graph.input('x', 'double', ['N'])).toThrow('already has a value "x"');
    expect(() => graph.output('z', 'double', ['N'], 'nothing')).toThrow('output "z" reads "nothing"');
    expect(() => tensor.double([1, 2, 3], [2, 2])).toThrow('shape [2, 2] has 3 values; it must have 4');
    expect(() => tensor.string(['a\u0000b'])).toThrow('U+0000');
    expect(() => tensor.string(['\ud800'])).toThrow('surrogate');
  });
});
