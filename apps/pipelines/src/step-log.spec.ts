import { expect, it } from 'vitest';
import { admit, emptyHead, isOver, type Said, STEP_LOG_BYTES, STEP_LOG_LINES, type StepLine, trim } from './step-log.js';

const time = new Date('2001-01-01T00:00:00Z');
const said = (from: number, to: number, { log = 'a', text = 'x' } = {}): Said => ({ step: 'train', log, lines: Array.from({ length: to - from }, (_, i) => ({ position: from + i + 1, time, text })) });

it('numbers lines within the run and hears none twice, however the parts are cut', () => {
  const first = admit(emptyHead('r'), said(0, 3));
  expect(first.added.map(({ position }) => position)).toEqual([0, 1, 2]);
  const again = admit(first.head, said(1, 5));
  expect(again.added.map(({ position }) => position)).toEqual([3, 4]);
  expect(admit(again.head, said(0, 5)).added).toEqual([]);
});

it('hears a job from its first line where it began anew elsewhere', () => {
  const first = admit(emptyHead('r'), said(0, 3));
  expect(admit(first.head, said(0, 2, { log: 'b' })).added).toHaveLength(2);
});

it('takes every line of the platform', () => {
  const { head } = admit(emptyHead('r'), said(0, 3));
  expect(admit(head, { step: 'train', log: '', lines: [{ position: 0, time, text: 'again' }] }).added).toEqual([{ position: 3, step: 'train', time, text: 'again' }]);
});

it.each([
  ['lines', 'x', STEP_LOG_LINES],
  ['bytes', 'é'.repeat(1_000), Math.floor(STEP_LOG_BYTES / 2_000)],
])('keeps the newest of what is too much by its %s, and says how many have gone', (_, text, most) => {
  let { head, added } = admit(emptyHead('r'), said(0, most, { text }));
  let kept: readonly StepLine[] = added;
  const tally = () => head.steps['train'] ?? expect.fail('no tally');
  expect(isOver(tally())).toBe(false);
  for (const from of [most, most + 700]) {
    ({ head, added } = admit(head, said(from, from + 700, { text })));
    expect(isOver(tally())).toBe(true);
    const trimmed = trim(tally(), [...kept, ...added]);
    const mark = trimmed.mark ?? expect.fail('nothing has gone');
    kept = [mark, ...[...kept, ...added].filter(({ position }) => position > mark.position)];
    head = { ...head, steps: { train: trimmed.tally } };
    expect(isOver(tally())).toBe(false);
    expect(tally()).toMatchObject({ lines: kept.length, bytes: kept.reduce((sum, line) => sum + Buffer.byteLength(line.text), 0), left: from + 700 - (kept.length - 1) });
    expect(mark.text).toBe(`… ${from + 700 - (kept.length - 1)} earlier lines are left out`);
  }
});
