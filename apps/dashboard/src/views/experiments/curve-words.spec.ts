import { describe, expect, it } from 'vitest';
import { curveWords } from './curve-words.js';

const curve = (total: bigint, drawn: number, astray = 0n) => ({ metricPoints: Array.from({ length: drawn }, (_, i) => ({ key: 'loss', step: BigInt(i), value: i, time: undefined })), totalPoints: total, nonFinitePoints: astray });

describe('what is said of curves', () => {
  it('is nothing of points where all are drawn', () => {
    expect(curveWords([curve(3n, 3), curve(2n, 2)])).toBe('A line a run, a dot where it was measured once. Drag across it to see some steps closer.');
  });

  it('is how many were measured and how many stand in the picture, where they are fewer', () => {
    expect(curveWords([curve(48_000n, 1_498), curve(2n, 2)])).toMatch(/^48,002 points were measured; the highest and lowest of each stretch of steps are drawn, 1,500 in all, which table and CSV hold\. A line/);
  });

  it('is how many were no finite numbers', () => {
    expect(curveWords([curve(3n, 3, 1n), curve(3n, 3)])).toMatch(/^1 point is NaN or infinite: the line has a gap there\./);
    expect(curveWords([curve(3n, 3, 2n), curve(3n, 3, 1n)])).toMatch(/^3 points are NaN or infinite/);
  });
});
