import { OnnxGraph } from '@millrace/onnx';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { TrainingData } from '../estimator.js';
import { findEstimator } from '../estimators.js';
import { exactSigmoid } from '../exact-sigmoid.js';
import { seededRandom } from '@millrace/core';
import { oddsRatio, resample, type ResampleParams } from './resample.js';
import { keptRows } from './training-rows.js';
import { withOdds } from './with-odds.js';

const NAMES = ['x', 'y', 'town=a', 'town=b', 'town=c', 'open'];
const K = NAMES.length;

/** Rows of which about one in twelve is 1: two numbers, a town as one-hot, a flag. */
function sample(rows: number): TrainingData {
  const random = seededRandom(11);
  const features = new Float32Array(rows * K);
  const target = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const [x, y] = [random() * 4 - 2, random() * 4 - 2];
    const town = Math.floor(random() * 3);
    features.set([x, y, ...[0, 1, 2].map((each) => (each === town ? 1 : 0)), random() < 0.5 ? 1 : 0], row * K);
    target[row] = random() < exactSigmoid(1.5 * x - 3.4) ? 1 : 0;
  }
  return { features, rows, names: NAMES, target };
}

const data = sample(4_000);
const classesOf = ({ target }: TrainingData) => ({ ones: target.filter((value) => value === 1).length, zeros: target.filter((value) => value === 0).length });
const rowsOf = ({ features, rows, names, target }: TrainingData) => Array.from({ length: rows }, (_, row) => [...features.subarray(row * names.length, (row + 1) * names.length), target[row]].join());
const { ones, zeros } = classesOf(data);

describe('resampling', () => {
  it('draws rows of the smaller class again until it has its share, after all others', async () => {
    const drawn = await resample(data, { by: 'oversample', to: 0.5, seed: 7 });
    expect(classesOf(drawn)).toEqual({ ones: Math.floor(zeros / 2), zeros });
    expect(rowsOf(drawn).slice(0, data.rows)).toEqual(rowsOf(data));
    const there = new Set(rowsOf(data));
    expect(rowsOf(drawn).every((row) => there.has(row))).toBe(true);
    expect(new Set(rowsOf(drawn).slice(data.rows)).size, 'many different ones').toBeGreaterThan(ones / 2);
  });

  it('leaves rows of the larger class out, none twice, and keeps their order', async () => {
    const thinned = await resample(data, { by: 'undersample', to: 1, seed: 7 });
    expect(classesOf(thinned)).toEqual({ ones, zeros: ones });
    const places = rowsOf(thinned).map((row) => rowsOf(data).indexOf(row));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  });

  it('makes rows up that lie between two of the smaller class, with towns that there are', async () => {
    const made = await resample(data, { by: 'smote', to: 1, seed: 7, neighbours: 5 });
    expect(classesOf(made)).toEqual({ ones: zeros, zeros });
    const minority = [...data.target.keys()].filter((row) => data.target[row] === 1).map((row) => [...data.features.subarray(row * K, row * K + K)]);
    for (let row = data.rows; row < data.rows + 200; row++) {
      const [x = 0, y = 0, a, b, c, open] = made.features.subarray(row * K, row * K + K);
      expect([a, b, c].toSorted()).toEqual([0, 0, 1]);
      expect([0, 1]).toContain(open);
      // On the line through two rows, between them, up to float32.
      const between = minority.some(([px = 0, py = 0], i) => minority.some(([qx = 0, qy = 0], j) => i < j && Math.abs((qx - px) * (y - py) - (qy - py) * (x - px)) < 1e-5 && x >= Math.min(px, qx) - 1e-6 && x <= Math.max(px, qx) + 1e-6));
      expect(between).toBe(true);
    }
  });

  it('looks at the nearest neighbours of the same class, and a category at what most of them have', async () => {
    const place = (x: number, town: readonly number[], value: number) => ({ row: [x, ...town], value });
    const [a, b] = [[1, 0], [0, 1]];
    const rows = [place(0, a, 1), place(1, b, 1), place(2, b, 1), place(100, a, 1), place(101, a, 1), place(103, a, 1), ...Array.from({ length: 12 }, (_, i) => place(50 + i, a, 0))];
    const small: TrainingData = { features: Float32Array.from(rows.flatMap(({ row }) => row)), rows: rows.length, names: ['x', 'town=a', 'town=b'], target: Uint8Array.from(rows, ({ value }) => value) };
    const made = await resample(small, { by: 'smote', to: 1, seed: 3, neighbours: 2 });
    for (let row = rows.length; row < made.rows; row++) {
      const [x = 0, inA, inB] = made.features.subarray(row * 3, row * 3 + 3);
      expect(x <= 2 || (x >= 100 && x <= 103), `${x} lies within one of the two clouds`).toBe(true);
      if (x >= 100) expect([inA, inB]).toEqual([1, 0]);
    }
  });

  it('gives each made-up row one town, and the one that most neighbours have', async () => {
    const few = sample(500);
    const { features, rows } = await resample(few, { by: 'smote', to: 1, seed: 7, neighbours: 5 });
    for (let row = few.rows; row < rows; row++) expect([...features.subarray(row * K + 2, row * K + 5)].toSorted()).toEqual([0, 0, 1]);

    // Next to each lies one of its own town, and a little farther two of the other.
    const near: TrainingData = { features: Float32Array.of(0, 1, 0, 1, 1, 0, 10, 0, 1, 11, 0, 1, ...Array.from({ length: 30 }, () => [50, 1, 0]).flat()), rows: 34, names: ['x', 'town=a', 'town=b'], target: Uint8Array.from({ length: 34 }, (_, row) => (row < 4 ? 1 : 0)) };
    const made = await resample(near, { by: 'smote', to: 1, seed: 3, neighbours: 3 });
    // Two of the three neighbours of each are of the other town.
    const towns = (low: number, high: number) => new Set(Array.from({ length: made.rows - 34 }, (_, i) => made.features.subarray((34 + i) * 3, (35 + i) * 3)).filter(([x = 0]) => x > low && x < high).map(([, a]) => a));
    expect(towns(0, 1)).toEqual(new Set([0]));
    expect(towns(10, 11)).toEqual(new Set([1]));
  });

  it('keeps each row of the larger class equally often', () => {
    const rows = Array.from({ length: 20 }, (_, i) => i);
    const kept = new Float64Array(20);
    for (let seed = 0; seed < 2_000; seed++) for (const row of keptRows(rows, 12, seededRandom(seed))) kept[row] = (kept[row] ?? 0) + 1;
    // Five standard deviations of a binomial count around 1,200.
    for (const count of kept) expect(Math.abs(count - 1_200)).toBeLessThan(110);
  });

  it.each([{ by: 'oversample', to: 1, seed: 7 }, { by: 'undersample', to: 1, seed: 7 }, { by: 'smote', to: 1, seed: 7, neighbours: 5 }] as const)('by $by gives the same rows for the same seed and others for another', async (params) => {
    const once = await resample(data, params);
    expect(await resample(data, params)).toEqual(once);
    expect(await resample(data, { ...params, seed: 8 })).not.toEqual(once);
  });

  it('leaves rows as they are that are balanced enough', async () => {
    const tiny = ones / zeros / 2;
    for (const by of ['oversample', 'undersample'] as const) expect(await resample(data, { by, to: tiny, seed: 1 })).toBe(data);
    expect(await resample(data, { by: 'smote', to: tiny, seed: 1, neighbours: 5 })).toBe(data);
  });

  it('by SMOTE is refused with a reason where neighbours are too few, too many or incomplete', async () => {
    const few = { ...data, target: Uint8Array.from(data.target, (_, row) => (row < 5 ? 1 : 0)) };
    const params = { by: 'smote', to: 1, seed: 1, neighbours: 5 } as const;
    await expect(resample(few, params)).rejects.toThrow(expect.objectContaining({ reason: 'SMOTE_TOO_FEW' }));
    const holed = { ...data, features: data.features.map((value, i) => (i % K === 1 ? Number.NaN : value)) };
    await expect(resample(holed, params)).rejects.toThrow(`SMOTE takes finite values only, and feature "y" has none in ${ones} rows`);
    const many = 150_000;
    const large = { features: new Float32Array(many * 3), rows: many * 3, names: ['x'], target: Uint8Array.from({ length: many * 3 }, (_, row) => (row % 3 === 0 ? 1 : 0)) };
    await expect(resample(large, params)).rejects.toThrow(expect.objectContaining({ reason: 'SMOTE_TOO_MANY' }));
  });
});

describe('weights', () => {
  it('count rows as if they were there as often', async () => {
    const logistic = findEstimator('logistic');
    const weighted = await resample(data, { by: 'weights', classes: { zero: 1, one: 3 } });
    const again: TrainingData = { features: new Float32Array((zeros + 3 * ones) * K), rows: zeros + 3 * ones, names: NAMES, target: new Uint8Array(zeros + 3 * ones) };
    let to = 0;
    data.target.forEach((value, row) => {
      for (let copy = 0; copy < (value === 1 ? 3 : 1); copy++, to++) {
        again.features.set(data.features.subarray(row * K, row * K + K), to * K);
        again.target[to] = value;
      }
    });
    const [one, other] = [await logistic.fit(weighted, logistic.parseParams({})), await logistic.fit(again, logistic.parseParams({}))];
    const expected = other.predict(data.features);
    one.predict(data.features).forEach((p, row) => expect(p).toBeCloseTo(expected[row] ?? 0, 10));
    const dummy = findEstimator('dummy');
    expect((await dummy.fit(weighted, {})).predict(new Float32Array(K))[0]).toBeCloseTo((3 * ones) / (zeros + 3 * ones), 12);
  });

  it('make both classes count for half when balanced', async () => {
    const { weights, target } = await resample(data, { by: 'weights', classes: 'balanced' });
    const sum = (value: number) => target.reduce((all, each, row) => all + (each === value ? (weights?.[row] ?? 0) : 0), 0);
    expect(sum(1)).toBeCloseTo(data.rows / 2, 6);
    expect(sum(0)).toBeCloseTo(data.rows / 2, 6);
  });

  it('of one change nothing, to the bit', async () => {
    const logistic = findEstimator('logistic');
    const weighted = await resample(data, { by: 'weights', classes: { zero: 1, one: 1 } });
    expect((await logistic.fit(weighted, logistic.parseParams({}))).digest).toBe((await logistic.fit(data, logistic.parseParams({}))).digest);
  });

  it('are refused by an estimator that cannot take them', async () => {
    const trees = findEstimator('trees');
    const weighted = await resample(data, { by: 'weights', classes: 'balanced' });
    await expect(trees.fit(weighted, trees.parseParams({}))).rejects.toThrow('The estimator trees takes no weights of rows; resample by oversample or undersample, or use one of dummy, logistic.');
  });
});

describe('probabilities after resampling', () => {
  const logistic = findEstimator('logistic');
  const fit = (rows: TrainingData) => logistic.fit(rows, logistic.parseParams({ l2: 0.01 }));
  const mean = (scores: Float64Array) => scores.reduce((sum, score) => sum + score, 0) / scores.length;

  it.each([
    { by: 'oversample', to: 1, seed: 7 },
    { by: 'undersample', to: 1, seed: 7 },
    { by: 'weights', classes: 'balanced' },
  ] as const)('by $by are far too high, and right again once the odds are put back', async (params: ResampleParams) => {
    const balanced = await resample(data, params);
    const model = await fit(balanced);
    const share = ones / data.rows;
    expect(mean(model.predict(data.features)), 'as they come out').toBeGreaterThan(2.5 * share);
    const honest = withOdds(model, oddsRatio(data, balanced));
    expect(Math.abs(mean(honest.predict(data.features)) - share) / share).toBeLessThan(0.15);
    const order = (scores: Float64Array) => [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
    expect(order(honest.predict(data.features)), 'in the same order').toEqual(order(model.predict(data.features)));
  });

  it('have the same bits by the graph as by themselves, one row or many', async () => {
    const balanced = await resample(data, { by: 'undersample', to: 1, seed: 7 });
    for (const name of ['dummy', 'logistic', 'trees']) {
      const estimator = findEstimator(name);
      const model = withOdds(await estimator.fit(balanced, estimator.parseParams({})), oddsRatio(data, balanced));
      const graph = new OnnxGraph();
      graph.output('p', 'double', ['N'], model.toOnnx(graph, graph.input('x', 'float', ['N', K])));
      const session = await ort.InferenceSession.create(graph.bytes(), { intraOpNumThreads: 1 });
      const run = async (x: Float32Array) => (await session.run({ x: new ort.Tensor('float32', x, [x.length / K, K]) }))['p']?.data as Float64Array;
      const expected = model.predict(data.features);
      expect(await run(data.features)).toEqual(expected);
      expect((await run(data.features.slice(0, K)))[0]).toBe(expected[0]);
      expect(model.digest).not.toBe((await estimator.fit(balanced, estimator.parseParams({}))).digest);
    }
  });
});
