import { expect, it } from 'vitest';
import { takeMask } from './field-mask.js';
import { registry } from './json/messages.fixture.js';

const type = (name: string) => {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
};
const VERSIONS = type('millrace.registry.v1.ListModelVersionsResponse');
const version = (number: number) => ({ name: `models/m/versions/${number}`, metrics: { auc: 0.7, brier: 0.1 }, artifact: { digest: `sha256:${number}`, sizeBytes: '1' }, createTime: '2001-01-01T00:00:00Z' });
const ANSWER = { modelVersions: [version(2), version(1)], nextPageToken: 'next' };
const kept = ($fields: string) => takeMask(VERSIONS, { $fields, pageSize: '2' }).keep(ANSWER);

it('keeps of lists, messages and maps what is named, by either name of a field', () => {
  expect(kept('modelVersions.name,next_page_token')).toEqual({ modelVersions: [{ name: 'models/m/versions/2' }, { name: 'models/m/versions/1' }], nextPageToken: 'next' });
  expect(kept('model_versions.metrics.auc,modelVersions.artifact.digest')).toEqual({ modelVersions: [2, 1].map((number) => ({ metrics: { auc: 0.7 }, artifact: { digest: `sha256:${number}` } })) });
  expect(kept('modelVersions.metrics,modelVersions.createTime')).toEqual({ modelVersions: [2, 1].map((number) => ({ metrics: version(number).metrics, createTime: version(number).createTime })) });
  expect(takeMask(VERSIONS, { $fields: 'nextPageToken', pageSize: '2' }).query).toEqual({ pageSize: '2' });
});

it('leaves an answer as it is where nothing is asked for', () => {
  const query = { pageSize: '2' };
  const mask = takeMask(VERSIONS, query);
  expect(mask.query).toBe(query);
  expect(mask.keep(ANSWER)).toBe(ANSWER);
});

it.each([
  ['modelVersions.nome', 'ModelVersion has no field "nome"'],
  ['', 'ListModelVersionsResponse has no field ""'],
  ['nextPageToken.length', '"nextPageToken.length" goes on behind a value that has no fields'],
  ['modelVersions.createTime.seconds', 'Timestamp has no field "seconds"'],
  [Array.from({ length: 101 }, () => 'nextPageToken').join(','), 'it has 101 paths; at most 100 go into one mask'],
])('refuses %s', (given, why) => {
  expect(() => kept(given)).toThrow(expect.objectContaining({ place: '$fields', why }) as Error);
});
