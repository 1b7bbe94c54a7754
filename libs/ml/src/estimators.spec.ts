import fc from 'fast-check';
import { OnnxGraph } from '@millrace/onnx';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ESTIMATORS, findEstimator } from './estimators.js';
import { exactSigmoid, exactSigmoidToOnnx } from './exact-sigmoid.js';
import { seededRandom } from '@millrace/core';

const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' } as const;

async function sigmoidSession() {
  const graph = new OnnxGraph();
  graph.output('p', 'double', ['N'], exactSigmoidToOnnx(graph, graph.input('m', 'double', ['N'])));
  const session = await ort.InferenceSession.create(graph.bytes(), options);
  return async (margins: Float64Array) => (await session.run({ m: new ort.Tensor('float64', margins, [margins.length]) }))['p']?.data as Float64Array;
}

describe('the sigmoid', () => {
  it('gives the same bits in JavaScript, for one row and for many', async () => {
    const run = await sigmoidSession();
    const edges = [0, -0, 1, -1, 700, -700, 701, 1e308, -1e308, Infinity, -Infinity, Number.NaN, 5e-324, Math.LN2 / 2, -Math.LN2 / 2, 36.7, -745.2];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 3, arbitrary: fc.double({ min: -40, max: 40, noNaN: true }) }, fc.double(), fc.constantFrom(...edges)), { minLength: 1, maxLength: 300 }), async (values) => {
        const margins = Float64Array.from(values);
        const expected = margins.map(exactSigmoid);
        expect(await run(margins)).toEqual(expected);
        expect((await run(margins.subarray(0, 1)))[0]).toBe(expected[0]);
      }),
      { numRuns: 200, examples: [[edges]] },
    );
  });

  it('lies within two units in the last place of the textbook formula', () => {
    for (let margin = -30; margin < 30; margin += 0.0137) {
      const truth = 1 / (1 + Math.exp(-margin));
      expect(Math.abs(exactSigmoid(margin) - truth)).toBeLessThanOrEqual(truth * 2 ** -51);
    }
  });
});

function sample(rows: number, { missing }: { missing: boolean }) {
  const random = seededRandom(7);
  const names = ['a', 'b', 'c', 'd'];
  const features = Float32Array.from({ length: rows * 4 }, (_, i) => (missing && i % 4 === 3 && random() < 0.2 ? Number.NaN : random() * 4 - 2));
  const target = Uint8Array.from({ length: rows }, (_, row) => (random() < exactSigmoid(2 * (features[row * 4] ?? 0) - (features[row * 4 + 1] ?? 0)) ? 1 : 0));
  return { features, rows, names, target };
}

describe.each(Object.keys(ESTIMATORS))('the estimator %s', (name) => {
  const estimator = findEstimator(name);
  const data = sample(3_000, { missing: name === 'trees' });

  it('gives the same bits by its graph, one row or many, as by itself', async () => {
    const model = await estimator.fit(data, estimator.parseParams({}));
    const graph = new OnnxGraph();
    graph.output('p', 'double', ['N'], model.toOnnx(graph, graph.input('x', 'float', ['N', 4])));
    const session = await ort.InferenceSession.create(graph.bytes(), options);
    const run = async (x: Float32Array) => (await session.run({ x: new ort.Tensor('float32', x, [x.length / 4, 4]) }))['p']?.data as Float64Array;
    const expected = model.predict(data.features);
    expect(await run(data.features)).toEqual(expected);
    for (const row of [0, 1, 17, 2_999]) expect((await run(data.features.slice(row * 4, row * 4 + 4)))[0]).toBe(expected[row]);
  });

  it('gives the same model for the same data and parameters', async () => {
    const [one, two] = [await estimator.fit(data, estimator.parseParams({})), await estimator.fit(data, estimator.parseParams({}), { threads: 2 })];
    expect(one.digest).toBe(two.digest);
    expect(one.toBytes()).toEqual(two.toBytes());
  });

  it('refuses a parameter that it does not have, naming it', () => {
    expect(() => estimator.parseParams({ nonsense: 1 })).toThrow(`estimator ${name} is wrong`);
  });
});

it('finds the weights that made the data', async () => {
  const logistic = findEstimator('logistic');
  const model = await logistic.fit(sample(20_000, { missing: false }), logistic.parseParams({ l2: 0 }));
  const { weights } = JSON.parse(Buffer.from(model.toBytes()).toString('utf8')) as { weights: number[] };
  [2, -1, 0, 0, 0].forEach((weight, i) => expect(Math.abs((weights[i] ?? 0) - weight)).toBeLessThan(0.1));
});

it('refuses missing values where a model cannot have them, naming the feature', async () => {
  await expect(findEstimator('logistic').fit(sample(100, { missing: true }), { l2: 1, steps: 5 })).rejects.toThrow('feature "d" has');
});

it('names the estimators that there are', () => expect(() => findEstimator('magic')).toThrow('there are dummy, logistic, trees'));
