import type { Schema } from '@millrace/core';
import { expect, it } from 'vitest';
import { describePlan } from './describe-plan.js';
import { parsePlan } from './parse-plan.js';
import { shortState } from './short-state.js';

const INPUTS: Schema = [
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  { name: 'delay', type: 'INT64', nullable: true },
  { name: 'origin', type: 'STRING', nullable: true },
];

it('says which columns of which types flow from which step into which', () => {
  const plan = parsePlan({ steps: [{ dateparts: { id: 'when', column: 'date', parts: ['hour'] } }, { impute: { id: 'fill', column: 'delay' } }, { onehot: { id: 'ports', column: 'origin', as: 'port' } }, { standard: { id: 'scale', columns: ['delay', 'hour'] } }], features: ['delay', 'hour', 'port'] }, { inputs: INPUTS });
  const { inputs, steps, features } = describePlan(plan);
  const edge = ({ column: { name, type, family }, from }: (typeof features)[number]) => `${name} ${type}${family ? ' family' : ''} from ${from ?? 'the inputs'}`;
  expect(inputs).toEqual(INPUTS);
  expect(steps.map(({ id, kind, role, inputs: read, outputs }) => [id, kind, role, read.map(edge), outputs.map(({ name, type }) => `${name} ${type}`)])).toEqual([
    ['when', 'dateparts', 'transform', ['date TIMESTAMP from the inputs'], ['hour FLOAT64']],
    ['fill', 'impute', 'clean', ['delay INT64 from the inputs'], ['delay FLOAT64']],
    ['ports', 'onehot', 'transform', ['origin STRING from the inputs'], ['port FLOAT64']],
    ['scale', 'standard', 'transform', ['delay FLOAT64 from fill', 'hour FLOAT64 from when'], ['delay FLOAT64', 'hour FLOAT64']],
  ]);
  expect(features.map(edge)).toEqual(['delay FLOAT64 from scale', 'hour FLOAT64 from scale', 'port FLOAT64 family from ports']);
  expect(steps[1]?.options).toMatchObject({ strategy: 'median' });
});

it('tells in a short line what was learnt, however much that is', () => {
  expect(shortState({ columns: [{ low: -1 / 3, high: 12 }], outputs: 1 })).toBe('{columns [{low -0.333333, high 12}], outputs 1}');
  expect(shortState({ columns: [{ mean: 0.5 }, { mean: 2 }], outputs: 1 }, ['delay', 'hour'])).toBe('delay {mean 0.5}; hour {mean 2}');
  expect(shortState(Array.from({ length: 50_000 }, (_, i) => i))).toBe('[0, 1, 2, 3, 4, 5, … 50000]');
  expect(shortState({ text: 'x'.repeat(1_000), nothing: null })).toBe(`{text ${'x'.repeat(39)}…, nothing none}`);
  expect(shortState(Array.from({ length: 6 }, () => Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`key ${i}`, 'y'.repeat(40)])))).length).toBe(600);
});
