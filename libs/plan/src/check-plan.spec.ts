import type { Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyKind, checkPlan, defineKind, KINDS, type KindTable, type LeakContext, parsePlan } from './index.js';

const SCHEMA: Schema = [
  ...['distance', 'delay', 'late', 'taxi', 'speed'].map((name) => ({ name, type: 'FLOAT64' as const, nullable: true })),
  ...['origin', 'plane'].map((name) => ({ name, type: 'STRING' as const, nullable: true })),
  { name: 'date', type: 'TIMESTAMP', nullable: false },
];
const CONTEXT: LeakContext = { target: 'late', targetSources: ['delay'], eventTime: 'date', knowledge: { taxi: 'after-event', date: 'after-event', distance: 'at-event' } };

const rowKind = (name: string, role: 'split' | 'resample'): AnyKind =>
  defineKind<{ readonly by?: string | undefined }>({
    name, role, accepts: ['STRING', 'TIMESTAMP', 'FLOAT64'], arity: [1, 1], families: false,
    options: z.strictObject({ by: z.string().optional() }), schema: () => [], lower: () => [],
  });
const kinds: KindTable = { ...KINDS, split: rowKind('split', 'split'), balance: rowKind('balance', 'resample') };
const check = (steps: readonly unknown[], features: readonly string[], context: Partial<LeakContext> = {}) => () =>
  checkPlan(parsePlan({ steps, features }, { inputs: SCHEMA, kinds }), { ...CONTEXT, ...context }, { kinds });

/** With the kinds that there are, and the rows split by time. */
const checkReal = (steps: readonly unknown[], context: Partial<LeakContext> = {}) => () =>
  checkPlan(parsePlan({ steps, features: ['distance'] }, { inputs: [...SCHEMA, { name: 'arrived', type: 'TIMESTAMP', nullable: true }] }), { ...CONTEXT, split: { by: 'time' }, ...context });

describe('the leak checker', () => {
  it('lets an honest plan pass, also where it makes columns of the target that no feature reaches', () => {
    expect(check([{ dateparts: { column: 'date' } }, { clip: { column: 'delay', min: 0 } }, { standard: { columns: ['distance', 'delay'] } }], ['hour', 'distance'])).not.toThrow();
  });

  it('refuses the target and what it is made from, along every kind of path', () => {
    expect(check([], ['late'])).toThrow('late → features.late: "late" is the target');
    expect(check([{ standard: { id: 'z', columns: ['distance', 'delay'] } }], ['distance', 'delay'])).toThrow('delay → standard "z" → features.delay');
    expect(check([{ expr: { id: 'r', op: 'ratio', columns: ['distance', 'delay'], as: 'pace' } }, { log1p: { id: 'l', column: 'pace' } }], ['pace'])).toThrow('delay → expr "r" → log1p "l" → features.pace');
    expect(check([{ pca: { id: 'p', columns: ['distance', 'delay'], components: 1 } }], ['pc1'])).toThrow('delay → pca "p" → features.pc1');
    expect(check([{ impute: { id: 'i', columns: ['distance', 'delay'], flag: true } }], ['distance', 'delay_missing'])).toThrow('delay → impute "i" → features.delay_missing');
    expect(check([{ select: { id: 's', columns: ['distance', 'delay'], as: ['a', 'b'] } }], ['b'])).toThrow('delay → select "s" → features.b');
  });

  it('is not misled by a name that is used again', () => {
    expect(check([{ expr: { op: 'sum', columns: ['distance', 'speed'], as: 'delay' } }], ['delay'])).not.toThrow();
    expect(check([{ expr: { id: 'e', op: 'sum', columns: ['distance', 'delay'], as: 'speed' } }], ['speed'])).toThrow('delay → expr "e" → features.speed');
  });

  it('takes what is learnt from the target about other columns, but not before the split', () => {
    expect(check([{ target: { column: 'origin' } }, { bin: { column: 'distance', by: 'target' } }], ['origin_target', 'distance_bin'])).not.toThrow();
    const split = { split: { id: 'time', column: 'date', by: 'time', as: [] } };
    expect(check([{ target: { id: 't', column: 'origin' } }, split], ['origin_target'])).toThrow('target "t" → split "time"');
  });

  it('refuses what is known only after the event, but takes the event time', () => {
    expect(check([{ bin: { id: 'b', column: 'taxi' } }], ['taxi_bin'])).toThrow('taxi → bin "b" → features.taxi_bin: "taxi" is known only after the event');
    expect(check([{ dateparts: { column: 'date' } }], ['hour'])).not.toThrow();
  });

  it('refuses to fit or resample before the split, but not to compute', () => {
    const split = { split: { id: 'time', column: 'date', by: 'time', as: [] } };
    expect(check([{ standard: { id: 'z', column: 'distance' } }, split], ['distance'])).toThrow('standard "z" → split "time": the step would see rows that evaluate');
    expect(check([{ balance: { id: 'b', column: 'origin', as: [] } }, split], ['distance'])).toThrow('balance "b" → split "time"');
    expect(check([{ clip: { column: 'distance', min: 0 } }, { dateparts: { column: 'date' } }, { impute: { column: 'distance', strategy: 'constant', value: 0 } }, split, { standard: { column: 'distance' } }], ['distance', 'hour'])).not.toThrow();
  });

  it('refuses a split that puts one group on both sides', () => {
    expect(check([], ['distance'], { groups: ['plane'], split: { by: 'random' } })).toThrow('plane → split by random: rows of one "plane" would fall on both sides');
    expect(check([], ['distance'], { groups: ['plane'], split: { by: 'group', column: 'origin' } })).toThrow('split by group on "plane"');
    expect(check([], ['distance'], { groups: ['plane'], split: { by: 'group', column: 'plane' } })).not.toThrow();
    expect(check([{ split: { id: 's', column: 'date', by: 'time', as: [] } }], ['distance'], { groups: ['plane'] })).toThrow('plane → split "s"');
    expect(check([{ split: { id: 's', column: 'plane', by: 'group', as: [] } }], ['distance'], { groups: ['plane'] })).not.toThrow();
  });

  it('tells a resampling before the split from a fit before it', () => {
    const time = { split: { column: 'date' } };
    expect(checkReal([{ resample: { id: 'r', by: 'oversample' } }, time])).toThrow(expect.objectContaining({ reason: 'PLAN_RESAMPLES_BEFORE_SPLIT', metadata: { edge: 'resample "r" → split "split2"' } }));
    expect(checkReal([{ split: { id: 'a', column: 'date' } }, { standard: { id: 'z', column: 'distance' } }, { split: { id: 'b', column: 'date' } }])).toThrow('standard "z" → split "b": the step would see');
    expect(checkReal([time, { standard: { column: 'distance' } }, { resample: { by: 'smote', to: 0.5 } }])).not.toThrow();
  });

  it('refuses to resample rows that evaluate, and to learn from rows that were drawn', () => {
    expect(checkReal([{ resample: { id: 'r', by: 'undersample', rows: 'all' } }])).toThrow('resample "r" → all rows, those that evaluate among them: a model must be judged on rows as they come');
    expect(checkReal([{ resample: { id: 'r', by: 'weights', rows: 'evaluation' } }])).toThrow(expect.objectContaining({ reason: 'PLAN_RESAMPLES_EVALUATION' }));
    expect(checkReal([{ resample: { id: 'r', by: 'oversample' } }, { standard: { id: 'z', column: 'distance' } }])).toThrow('resample "r" → standard "z": the step would learn from rows that were drawn or made up');
    expect(checkReal([{ resample: { by: 'oversample' } }, { clip: { column: 'distance', min: 0 } }])).not.toThrow();
  });

  it('refuses a step that names another split than the one that is made', () => {
    const group = { split: { by: 'group', column: 'plane' } as const };
    expect(checkReal([{ split: { id: 's', by: 'group', column: 'plane' } }])).toThrow('split "s" → training.split: the plan was checked for a split by group on plane, but rows are split by time on date');
    expect(checkReal([{ split: { id: 's', column: 'arrived' } }])).toThrow(expect.objectContaining({ reason: 'PLAN_SPLITS_OTHERWISE' }));
    expect(checkReal([{ split: { by: 'group', column: 'origin' } }], group)).toThrow('by group on origin, but rows are split by group on plane');
    expect(checkReal([{ split: { by: 'group', column: 'plane' } }], { ...group, groups: ['plane'] })).not.toThrow();
    expect(checkReal([{ split: { by: 'random' } }], { split: { by: 'random' } })).not.toThrow();
  });

  it('is needed: without the knowledge that a column comes late, the same plan passes', () => {
    expect(check([], ['taxi'])).toThrow('taxi → features.taxi');
    expect(check([], ['taxi'], { knowledge: {} })).not.toThrow();
  });
});
