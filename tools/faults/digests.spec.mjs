import { expect, it } from 'vitest';
import { digestsOf, otherDigests } from './digests.mjs';
import { soundFacts } from './story.fixture.mjs';

it('finds data or a model that came out as another', () => {
  const first = digestsOf({ ...soundFacts(), versions: [{ name: 'datasets/d/versions/1', digest: 'sha256:11' }] });
  expect(otherDigests(first, first)).toEqual([]);
  expect(otherDigests(first, { ...first, versions: ['datasets/d/versions/1 sha256:22'] })).toEqual(['the same digests: datasets/d/versions/1 sha256:22 was not so before']);
  expect(otherDigests(first, { ...first, model: 'sha256:cc' })).toEqual([expect.stringContaining('the first model sha256:cc')]);
});
