import { describe, expect, it } from 'vitest';
import { nearestLine } from './nearest.js';

const line = (id: string, ...places: (readonly [number, number])[]) => ({ id, places });

describe('the line that a pointer is at', () => {
  const lines = [line('high', [0, 10], [100, 10]), line('low', [0, 60], [100, 20])];

  it('is that which passes at the least distance, between its points too', () => {
    expect(nearestLine(lines, 50, 20)).toBe('high');
    expect(nearestLine(lines, 50, 30)).toBe('low');
    expect(nearestLine(lines, 99, 16)).toBe('low');
  });

  it('is none where none passes near, or none has come so far', () => {
    expect(nearestLine(lines, 20, 90)).toBeUndefined();
    expect(nearestLine(lines, 130, 10)).toBeUndefined();
    expect(nearestLine([line('empty')], 1, 1)).toBeUndefined();
  });

  it('is told by the middle of what goes up and down within a few pixels', () => {
    const noisy = line('noisy', ...Array.from({ length: 400 }, (_, i) => [i / 4, i % 2 === 0 ? 0 : 40] as const));
    const calm = line('calm', [0, 34], [100, 34]);
    expect(nearestLine([noisy, calm], 50, 22)).toBe('noisy');
    expect(nearestLine([noisy, calm], 50, 31)).toBe('calm');
    // One point alone.
    expect(nearestLine([line('spot', [50, 5])], 51, 7)).toBe('spot');
  });
});
