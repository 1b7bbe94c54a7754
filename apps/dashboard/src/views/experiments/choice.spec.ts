import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_CHOSEN, readChoice, toggled, writeChoice } from './choice.js';

describe('what is chosen to be seen of an experiment', () => {
  it('stands in the address in full', () => {
    const name = fc.string({ minLength: 1 });
    const columns = fc.option(fc.array(name), { nil: undefined });
    const choice = fc.record({ filter: fc.string(), sort: fc.string(), metric: fc.string(), from: fc.string(), to: fc.string(), x: fc.string(), y: fc.string(), open: fc.string(), columns, axes: columns, runs: fc.uniqueArray(name, { maxLength: MOST_CHOSEN }) });
    fc.assert(fc.property(choice, (chosen) => void expect(readChoice(writeChoice(chosen))).toEqual(chosen)));
  });

  it('leaves an address alone while nothing is chosen', () => {
    expect(writeChoice(readChoice(''))).toBe('');
    expect(writeChoice({ ...readChoice(''), filter: 'metrics.auc > 0.7', runs: ['a', 'b'] })).toBe('?filter=metrics.auc+%3E+0.7&run=a&run=b');
  });

  it('holds a run once, and no more runs than can be told apart', () => {
    const many = Array.from({ length: MOST_CHOSEN }, (_, i) => `r${i}`);
    expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
    expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggled(many, 'one more')).toBe(many);
    expect(readChoice(`?run=a&run=a&${many.map((run) => `run=${run}`).join('&')}`).runs).toEqual(['a', ...many.slice(0, MOST_CHOSEN - 1)]);
  });
});
