import { expect, it } from 'vitest';
import type { FeedRow } from '@millrace/plan';
import type { InputGuard } from './endpoint.js';
import { compileGuard } from './guard.js';
import { SIGNATURE } from './model.fixture.js';

const FLAG: InputGuard = { outOfRange: 'FLAG', unseenCategory: 'FLAG', missing: 'FLAG' };
const guard = (change: Partial<InputGuard> = {}) => compileGuard(SIGNATURE, { ...FLAG, ...change });
const sound: FeedRow = { date: new Date(0), distance: 300n, origin: 'ATL', rain: 2, late_share: 0.5 };

it('says nothing of a row as training saw them, nor of what it need not have', () => {
  expect(guard()(sound)).toEqual({ flags: [], refused: '' });
  expect(guard()({ date: new Date(Date.UTC(2030, 0)), distance: 100n, origin: 'JFK' })).toEqual({ flags: [], refused: '' });
});

it.each([
  ['a number beyond the range of training, widened by its width', { distance: 2_101n }, 'distance', 'OUT_OF_RANGE', '2101 is outside 100 to 1100 of training, widened by its width'],
  ['a number below it', { rain: -10.5 }, 'rain', 'OUT_OF_RANGE', '-10.5 is outside 0 to 10 of training, widened by its width'],
  ['an infinity', { rain: Infinity }, 'rain', 'OUT_OF_RANGE', 'Infinity is outside 0 to 10 of training, widened by its width'],
  ['a text that training did not see', { origin: 'LAX' }, 'origin', 'UNSEEN_CATEGORY', '"LAX" was not in training'],
  ['a long text, cut', { origin: 'x'.repeat(99) }, 'origin', 'UNSEEN_CATEGORY', `"${'x'.repeat(40)}" was not in training`],
  ['a missing input', { origin: undefined }, 'origin', 'MISSING', 'missing, and training always had it'],
] as const)('flags %s', (_, change, column, kind, detail) => {
  expect(guard()({ ...sound, ...change })).toEqual({ flags: [{ column, kind, detail }], refused: '' });
});

it('takes NaN for a missing number, as the model does', () => {
  const needed = { ...SIGNATURE, inputs: SIGNATURE.inputs.map((input) => ({ ...input, nullable: false })) };
  expect(compileGuard(needed, FLAG)({ ...sound, rain: Number.NaN }).flags).toMatchObject([{ column: 'rain', kind: 'MISSING' }]);
});

it('lets what is at the very edge pass', () => {
  for (const distance of [-900n, 2_100n, -900, 2_100]) expect(guard()({ ...sound, distance }).flags).toEqual([]);
});

it('refuses, ignores or flags by kind: the first fault that is refused is the reason, all faults are told', () => {
  const bad: FeedRow = { date: new Date(0), distance: 9_000n, origin: 'LAX' };
  const verdict = guard({ unseenCategory: 'REJECT' })(bad);
  expect(verdict.refused).toBe('origin: "LAX" was not in training');
  expect(verdict.flags.map(({ kind }) => kind)).toEqual(['OUT_OF_RANGE', 'UNSEEN_CATEGORY']);
  expect(guard({ unseenCategory: 'IGNORE', outOfRange: 'IGNORE' })(bad)).toEqual({ flags: [], refused: '' });
  expect(guard({ outOfRange: 'REJECT', unseenCategory: 'REJECT' })(bad).refused).toBe('distance: 9000 is outside 100 to 1100 of training, widened by its width');
  expect(guard({ missing: 'REJECT' })({ ...sound, distance: undefined }).refused).toBe('distance: missing, and training always had it');
});
