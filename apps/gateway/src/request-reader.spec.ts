import { describe, expect, it } from 'vitest';
import type { Binding } from './binding.js';
import { FieldFault } from './json/field-fault.js';
import { MessageJson } from './json/message-json.js';
import { registry } from './json/messages.fixture.js';
import { parseTemplate } from './path-template.js';
import { type HttpParts, RequestReader } from './request-reader.js';

const json = new MessageJson(registry);

function reader(service: string, name: string, path: string, body?: string): RequestReader {
  const rpc = registry.getService(service)?.methods.find((each) => each.name === name);
  if (!rpc) throw new Error(`there is no ${name}`);
  const field = rpc.input.fields.find((each) => each.name === body);
  return new RequestReader(json, { rpc, verb: 'POST', template: parseTemplate(path), body: field?.fieldKind === 'message' ? field : (body as Binding['body']), raw: undefined });
}

const parts = (given: Partial<HttpParts>): HttpParts => ({ params: {}, query: {}, body: undefined, ...given });
const FEATURES = 'millrace.features.v1.FeatureStoreService';
const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof FieldFault) return `${error.place}: ${error.why}`;
    throw error;
  }
  return 'none';
};

describe('a request', () => {
  const inBody = reader(FEATURES, 'ApplyEntity', '/v1/{entity.name=entities/*}', 'entity');
  const inQuery = reader(FEATURES, 'ApplyEntity', '/v1/{entity.name=entities/*}');
  const whole = reader('millrace.registry.v1.RegistryService', 'MoveAlias', '/v1/{name=models/*/aliases/*}:move', '*');

  it('is put together from path and body', () => {
    expect(inBody.read(parts({ params: { p0: 'airport' }, body: { description: 'a', name: 'entities/airport' } }))).toEqual({ entity: { name: 'entities/airport', description: 'a' } });
    expect(whole.read(parts({ params: { p0: 'm', p1: 'a' }, body: { modelVersion: 'models/m/versions/1' } }))).toEqual({ name: 'models/m/aliases/a', modelVersion: 'models/m/versions/1' });
    expect(whole.read(parts({ params: { p0: 'm', p1: 'a' } }))).toEqual({ name: 'models/m/aliases/a' });
  });

  it('takes fields of messages from the query, by both names', () => {
    expect(inQuery.read(parts({ params: { p0: 'airport' }, query: { 'entity.description': 'a', 'entity.create_time': '2001-01-01T00:00:00Z' } }))).toEqual({ entity: { name: 'entities/airport', description: 'a', createTime: new Date('2001-01-01T00:00:00Z') } });
  });

  it('takes a repeated parameter for a list, a flag by its word, and no other twice', () => {
    const check = reader('millrace.trainer.v1.TrainerService', 'CheckPlan', '/v1/plans:check');
    expect(check.read(parts({ query: { groups: ['a', 'b'], 'split.trainFrom': '2001-01-01T00:00:00Z' } }))).toEqual({ groups: ['a', 'b'], split: { trainFrom: new Date('2001-01-01T00:00:00Z') } });
    expect(faultOf(() => check.read(parts({ query: { target: ['a', 'b'] } })))).toBe('target: it is given twice');
    const apply = reader('millrace.pipelines.v1.PipelinesService', 'ApplyPipeline', '/v1/pipelines');
    expect(apply.read(parts({ query: { dryRun: 'true' } }))).toEqual({ dryRun: true });
    expect(faultOf(() => apply.read(parts({ query: { dryRun: 'yes' } })))).toBe('dryRun: it must be true or false');
  });

  it.each([
    [() => inBody.read(parts({ params: { p0: 'airport' }, body: { name: 'entities/other' } })), 'entity.name: the path says "entities/airport", and the body "entities/other"'],
    [() => inBody.read(parts({ params: { p0: 'airport' }, query: { 'entity.owner': 'me' }, body: {} })), 'entity.owner: ApplyEntity has no such parameter'],
    [() => inQuery.read(parts({ params: { p0: 'airport' }, query: { entity: '{}' } })), 'entity: it is a message: name a field of it, such as a.b'],
    [() => inQuery.read(parts({ params: { p0: 'airport' }, query: { 'entity.tags': 'a' } })), 'entity.tags: it stands in the body only'],
    [() => inQuery.read(parts({ params: { p0: 'airport' }, query: { 'entity.name.first': 'a' } })), 'entity.name.first: name has no fields of its own'],
    [() => whole.read(parts({ params: { p0: 'm', p1: 'a' }, query: { etag: '1' } })), 'etag: this call takes no parameters; everything stands in the body'],
  ])('is refused where it contradicts itself, or means nothing (%#)', (work, fault) => {
    expect(faultOf(work)).toBe(fault);
  });

  it('of a stream is a list, and the path holds for each of it', () => {
    const check = reader(FEATURES, 'CheckFeatures', '/v1/{feature_service=featureServices/*}:checkFeatures', '*');
    expect(check.readAll(parts({ params: { p0: 's' }, body: [{}, { vectors: [] }] }))).toEqual([{ featureService: 'featureServices/s' }, { featureService: 'featureServices/s', vectors: [] }]);
    expect(faultOf(() => check.readAll(parts({ params: { p0: 's' }, body: [{}, { vectors: [{ id: 1 }] }] })))).toBe('[1].vectors[0].id: it must be a text of valid Unicode');
  });
});
