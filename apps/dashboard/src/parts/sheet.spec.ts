import { expect, it } from 'vitest';
import { csvOf } from './sheet.js';

it('writes figures in full, times as such, and quotes what would be read wrongly', () => {
  const rows = [
    ['a', 0.1 + 0.2, 9_007_199_254_740_993n, new Date('2001-04-09T00:00:00Z')],
    ['says "no", twice\nand more', undefined, -1, true],
  ];
  expect(csvOf({ columns: ['name', 'x', 'y,z', 'at'], rows })).toBe('name,x,"y,z",at\r\na,0.30000000000000004,9007199254740993,2001-04-09T00:00:00.000Z\r\n"says ""no"", twice\nand more",,-1,true\r\n');
});
