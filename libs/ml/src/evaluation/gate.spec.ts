import { expect, it } from 'vitest';
import type { Estimate, ModelReport } from './evaluate-models.js';
import { evaluateGate, parseGate } from './gate.js';
import type { Metric } from './metrics.js';

const figure = (metric: Metric, value: number, half = 0.01): Estimate => ({ metric, value, low: value - half, high: value + half });
const report = (name: string, metrics: readonly Estimate[], differences: ModelReport['differences'] = []): ModelReport => ({ name, metrics, differences, calibration: [] });
const trees = (by: number, half: number, baseline = 'dummy') => report('trees', [figure('auc', 0.71), figure('ece', 0.02)], [{ baseline, difference: figure('log_loss', by, half) }]);
const dummy = report('dummy', [figure('auc', 0.5)]);

it.each([
  { condition: { auc: { at_least: 0.7 } }, passed: true, why: 'auc of trees is 0.7100, at least 0.7 is asked for' },
  { condition: { auc: { at_least: 0.71 } }, passed: true, why: 'auc of trees is 0.7100, at least 0.71 is asked for' },
  { condition: { auc: { at_least: 0.72 } }, passed: false, why: 'auc of trees is 0.7100, at least 0.72 is asked for' },
  { condition: { ece: { at_most: 0.05 } }, passed: true, why: 'ece of trees is 0.0200, at most 0.05 is asked for' },
  { condition: { ece: { at_most: 0.01 } }, passed: false, why: 'ece of trees is 0.0200, at most 0.01 is asked for' },
])('says $passed to $condition, and why', ({ condition, passed, why }) => {
  expect(evaluateGate(parseGate({ metrics: condition }, ['dummy']), [dummy, trees(0.1, 0.01)])).toMatchObject({ passed, checks: [{ passed, why }] });
});

it('refuses a figure that could not be measured', () => {
  expect(evaluateGate(parseGate({ metrics: { brier: { at_most: 1 } } }, []), [trees(0, 0)])).toMatchObject({ passed: false, checks: [{ why: 'brier of trees is NaN, at most 1 is asked for' }] });
});

it('asks a baseline to be beaten with the whole interval', () => {
  const gate = parseGate({ better_than: [{ baseline: 'dummy', metric: 'log_loss', by: 0.01 }] }, ['dummy', 'trees']);
  expect(evaluateGate(gate, [dummy, trees(0.05, 0.03)])).toMatchObject({ passed: true, checks: [{ name: 'log_loss against dummy', why: 'log_loss of trees is better than that of dummy by 0.0500 (95 %: 0.0200 to 0.0800), the whole interval must exceed 0.01' }] });
  expect(evaluateGate(gate, [dummy, trees(0.05, 0.05)]), 'a refusal does not read like praise').toMatchObject({ passed: false, checks: [{ why: 'log_loss of trees is not surely better than that of dummy: by 0.0500 (95 %: 0.0000 to 0.1000), the whole interval must exceed 0.01' }] });
  expect(evaluateGate(gate, [dummy, trees(0.05, 0.05, 'logistic')]), 'a baseline that was not measured').toMatchObject({ passed: false });
});

it('asks nothing of a champion that is not there yet, and everything of one that is', () => {
  const gate = parseGate({ better_than: [{ baseline: 'champion', metric: 'log_loss' }] }, ['dummy']);
  expect(evaluateGate(gate, [dummy, trees(0.05, 0.01)])).toMatchObject({ passed: true, checks: [{ why: 'there is no champion yet' }] });
  const champion = report('champion', []);
  expect(evaluateGate(gate, [champion, trees(0.05, 0.01, 'champion')])).toMatchObject({ passed: true });
  expect(evaluateGate(gate, [champion, trees(-0.001, 0.01, 'champion')])).toMatchObject({ passed: false });
});

it('passes only when every condition does, and tells of each', () => {
  const gate = parseGate({ metrics: { auc: { at_least: 0.6 }, ece: { at_most: 0.001 } }, better_than: [{ baseline: 'dummy', metric: 'log_loss' }] }, ['dummy']);
  const { passed, checks } = evaluateGate(gate, [dummy, trees(0.05, 0.01)]);
  expect(passed).toBe(false);
  expect(checks.map((check) => [check.name, check.passed])).toEqual([['auc', true], ['ece', false], ['log_loss against dummy', true]]);
});

it('asks nothing when the file asks nothing', () => expect(evaluateGate(parseGate(undefined, []), [dummy])).toEqual({ passed: true, checks: [] }));

it.each([
  { gate: { metrics: { auc: {} } }, why: 'The gate is wrong at metrics.auc: give at_least or at_most' },
  { gate: { metrics: { auc: { at_least: 0.1, at_most: 0.2 } } }, why: 'metrics.auc: give at_least or at_most' },
  { gate: { metrics: { accuracy: { at_least: 1 } } }, why: 'The gate is wrong at metrics' },
  { gate: { better_than: [{ baseline: 'forest', metric: 'auc' }] }, why: 'better_than.0.baseline: there is no rung "forest"; there are dummy, trees, champion' },
  { gate: { better: [] }, why: 'better' },
])('refuses $gate', ({ gate, why }) => expect(() => parseGate(gate, ['dummy', 'trees'])).toThrow(why));

it('cannot judge nobody', () => expect(() => evaluateGate(parseGate({}, []), [])).toThrow('there is no model to ask about'));
