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

  it('is needed: without the knowledge that a column comes late, the same plan passes', () => {
    expect(check([], ['taxi'])).toThrow('taxi → features.taxi');
    expect(check([], ['taxi'], { knowledge: {} })).not.toThrow();
  });
});
