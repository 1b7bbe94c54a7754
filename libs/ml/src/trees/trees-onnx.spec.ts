import { seededRandom } from '@millrace/core';
import { OnnxGraph } from '@millrace/onnx';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { roundToGrid } from './leaf-grid.js';
import { fitTrees, predictTrees, treesToOnnx, type TreesModel } from './trees.js';
import { DEFAULT_TREES } from './trees-params.js';

const open = (model: TreesModel, intraOpNumThreads = 1) => {
  const graph = new OnnxGraph();
  const features = graph.input('features', 'float', ['N', model.features]);
  graph.output('margin', 'double', ['N'], treesToOnnx(model, graph, features));
  return ort.InferenceSession.create(graph.bytes(), { intraOpNumThreads, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 });
};

const run = async (session: ort.InferenceSession, features: Float32Array, k: number) => {
  const { margin } = await session.run({ features: new ort.Tensor('float32', features, [features.length / k, k]) });
  return margin?.data as Float64Array;
};

async function oneByOne(session: ort.InferenceSession, features: Float32Array, k: number): Promise<Float64Array> {
  const margins: number[] = [];
  for (let at = 0; at < features.length; at += k) margins.push((await run(session, features.slice(at, at + k), k))[0] ?? Number.NaN);
  return Float64Array.from(margins);
}

const bits = (values: Float64Array) => Array.from(new BigUint64Array(values.slice().buffer));

/** Few values, so that rows often meet a threshold exactly. */
const VALUES = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 1, Math.fround(1.1), 1 + 2 ** -23, -3.5, 2 ** 127, -(2 ** 127)];
const anyValue = fc.oneof(fc.constantFrom(...VALUES), fc.float({ noNaN: false }));

/** A model of random trees; leaf values are on the grid unless a fault is planted. */
const anyModel = fc
  .record({ k: fc.integer({ min: 1, max: 4 }), trees: fc.integer({ min: 0, max: 120 }), depth: fc.integer({ min: 0, max: 4 }), seed: fc.nat(), spread: fc.constantFrom(1e-3, 1, 1e4), base: fc.double({ min: -20, max: 20, noNaN: true }) })
  .map((options) => randomModel(options));

interface RandomModel {
  readonly k: number;
  readonly trees: number;
  readonly depth: number;
  readonly seed: number;
  readonly spread: number;
  readonly base: number;
}

function randomModel({ k, trees, depth, seed, spread, base }: RandomModel, onGrid = true): TreesModel {
  const random = seededRandom(seed);
  const columns = { roots: [] as number[], feature: [] as number[], threshold: [] as number[], missingLeft: [] as number[], left: [] as number[], right: [] as number[], value: [] as number[] };
  let largest = 0;
  const grow = (rest: number): number => {
    const node = columns.feature.length;
    const inner = rest > 0 && random() < 0.8;
    columns.feature.push(inner ? Math.floor(random() * k) : -1);
    columns.threshold.push(inner ? (VALUES[1 + Math.floor(random() * (VALUES.length - 1))] ?? 0) : 0);
    columns.missingLeft.push(inner && random() < 0.5 ? 1 : 0);
    columns.value.push(inner ? 0 : (random() - 0.5) * spread);
    columns.left.push(-1);
    columns.right.push(-1);
    if (inner) {
      columns.left[node] = grow(rest - 1);
      columns.right[node] = grow(rest - 1);
    }
    return node;
  };
  for (let tree = 0; tree < trees; tree++) {
    columns.roots.push(grow(depth));
    largest += spread / 2;
  }
  const value = Float32Array.from(columns.value);
  return {
    features: k,
    base,
    roots: Int32Array.from(columns.roots),
    feature: Int32Array.from(columns.feature),
    threshold: Float32Array.from(columns.threshold),
    missingLeft: Uint8Array.from(columns.missingLeft),
    left: Int32Array.from(columns.left),
    right: Int32Array.from(columns.right),
    value: onGrid ? roundToGrid(value, largest) : value,
    gain: new Float64Array(k),
  };
}

describe('trees in ONNX Runtime', () => {
  it('give the bits of predictTrees, one row at a time and in batches, with missing, infinite and threshold values', async () => {
    await fc.assert(
      fc.asyncProperty(anyModel, fc.array(anyValue, { minLength: 4, maxLength: 160 }), async (model, values) => {
        const k = model.features;
        const features = Float32Array.from(values.slice(0, values.length - (values.length % k)));
        const expected = bits(predictTrees(model, features));
        const session = await open(model);
        expect(bits(await run(session, features, k))).toEqual(expected);
        expect(bits(await oneByOne(session, features, k))).toEqual(expected);
        await session.release();
      }),
      { numRuns: 40 },
    );
  });

  it('give the same bits in large batches and on several threads', async () => {
    const model = randomModel({ k: 3, trees: 200, depth: 6, seed: 7, spread: 0.7, base: -1.25 });
    const features = Float32Array.from({ length: 3 * 5_000 }, (_, i) => VALUES[(i * 7 + (i >> 5)) % VALUES.length] ?? 0);
    const expected = bits(predictTrees(model, features));
    for (const threads of [1, 2]) expect(bits(await run(await open(model, threads), features, 3))).toEqual(expected);
  });

  it('would not give the same bits if leaf values were off the grid', async () => {
    const model = randomModel({ k: 3, trees: 200, depth: 6, seed: 7, spread: 0.7, base: 0 }, false);
    const features = Float32Array.from({ length: 3 * 500 }, (_, i) => VALUES[(i * 7 + (i >> 5)) % VALUES.length] ?? 0);
    expect(bits(await run(await open(model), features, 3))).not.toEqual(bits(predictTrees(model, features)));
  });

  it('serve a trained model on the very rows that it was trained on', async () => {
    const [rows, k] = [2_000, 5];
    const features = Float32Array.from({ length: rows * k }, (_, i) => ((i * 7_919) % 13 === 0 ? Number.NaN : Math.sin(i * 12.9898) * 10));
    const target = Uint8Array.from({ length: rows }, (_, row) => ((features[row * k] ?? 0) > 2 ? 1 : 0));
    const model = await fitTrees({ features, rows, k, target }, { ...DEFAULT_TREES, trees: 20 });
    const expected = bits(predictTrees(model, features));
    const session = await open(model);
    expect(bits(await run(session, features, k))).toEqual(expected);
    expect(bits(await oneByOne(session, features, k))).toEqual(expected);
  });
});
