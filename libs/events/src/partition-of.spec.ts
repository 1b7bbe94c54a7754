import fc from 'fast-check';
import { expect, it } from 'vitest';
import { murmur2, partitionOf } from './partition-of.js';

it('hashes as Kafka does (the vectors of its UtilsTest)', () => {
  const vectors: Record<string, number> = {
    '21': -973932308,
    foobar: -790332482,
    'a-little-bit-long-string': -985981536,
    'a-little-bit-longer-string': -1486304829,
    lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
    abc: 479470107,
  };
  for (const [text, hash] of Object.entries(vectors)) expect(murmur2(Buffer.from(text))).toBe(hash);
});

it('gives every key one partition that exists', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 100 }), (key, partitions) => {
      const partition = partitionOf(key, partitions);
      return Number.isInteger(partition) && partition >= 0 && partition < partitions && partition === partitionOf(key, partitions);
    }),
  );
});
