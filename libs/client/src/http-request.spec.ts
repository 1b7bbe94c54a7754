import { expect, it } from 'vitest';
import { message, text } from './codec.js';
import { httpRequest, type Route } from './http-request.js';
import { GetLineageRequest } from './gen/millrace/pipelines/v1/pipelines_service.js';
import { ListPredictionsRequest, PredictRequest, PredictStreamRequest } from './gen/millrace/inference/v1/inference_service.js';
import { CreateRunRequest, GetModelVersionRequest, MoveAliasRequest } from './gen/millrace/registry/v1/registry_service.js';

const version: Route = { at: ['GET /v1/{name=models/*/versions/*}', 'GET /v1/{name=models/*/aliases/*}:version'] };

it('puts a name into the path, by the first template that it fits', () => {
  expect(httpRequest(version, GetModelVersionRequest, { name: 'models/late/versions/3' })).toMatchObject({ verb: 'GET', path: '/v1/models/late/versions/3', body: undefined });
  expect(httpRequest(version, GetModelVersionRequest, { name: 'models/late/aliases/champion' }).path).toBe('/v1/models/late/aliases/champion:version');
  expect(httpRequest({ at: ['GET /v1/lineage/{name=**}'] }, GetLineageRequest, { name: 'models/late/versions/3' }).path).toBe('/v1/lineage/models/late/versions/3');
});

it('writes what a path cannot hold as it is', () => {
  expect(httpRequest(version, GetModelVersionRequest, { name: 'models/späte flüge?/versions/a:b#c' }).path).toBe('/v1/models/sp%C3%A4te%20fl%C3%BCge%3F/versions/a%3Ab%23c');
});

it.each(['late', 'models/late', 'models/late/versions/3/more', 'models//versions/3', 'models/../versions/3', 'models/late/versions/.', '', undefined])('refuses a name that no template has, or that leads elsewhere: %s', (name) => {
  expect(() => httpRequest(version, GetModelVersionRequest, { name })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'PATH_UNFIT' }));
});

it('puts what is neither path nor body into the query, with the fields of messages by dots and lists as many', () => {
  expect(httpRequest({ at: ['GET /v1/{parent=endpoints/*}/predictions'] }, ListPredictionsRequest, { parent: 'endpoints/late', pageSize: 5, pageToken: 'a+b=' }).path).toBe('/v1/endpoints/late/predictions?pageSize=5&pageToken=a%2Bb%3D');
  expect(httpRequest({ at: ['POST /v1/{parent=experiments/*}/runs'], body: 'run', keyed: true }, CreateRunRequest, { parent: 'experiments/late', run: {}, requestId: 'x' })).toEqual({ verb: 'POST', path: '/v1/experiments/late/runs?requestId=x', body: '{}', repeatable: true, wantsKey: false });
  const tree = message<unknown>(() => ({ inner: message(() => ({ name: text })) }));
  expect(httpRequest({ at: ['GET /v1/trees'] }, tree, { inner: { name: 'x' }, tags: ['a', 'b'] }).path).toBe('/v1/trees?inner.name=x&tags=a&tags=b');
});

it('makes a body of the rest, or of one field, and a list of messages of a stream', () => {
  const move = httpRequest({ at: ['POST /v1/{name=models/*/aliases/*}:move'], body: '*' }, MoveAliasRequest, { name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/3', etag: '7' });
  expect(JSON.parse(move.body ?? '')).toEqual({ modelVersion: 'models/late/versions/3', etag: '7' });
  const stream = httpRequest({ at: ['POST /v1/{request.endpoint=endpoints/*}:predictStream'], body: '*' }, PredictStreamRequest, [{ request: { endpoint: 'endpoints/late', rows: [] } }, { request: { endpoint: 'endpoints/late', explainInputs: true } }]);
  expect(stream.path).toBe('/v1/endpoints/late:predictStream');
  expect(JSON.parse(stream.body ?? '')).toEqual([{ request: { endpoint: 'endpoints/late', rows: [] } }, { request: { endpoint: 'endpoints/late', explainInputs: true } }]);
});

it('says what of a request cannot be written', () => {
  const predict: Route = { at: ['POST /v1/{endpoint=endpoints/*}:predictRows'], body: '*' };
  const rounded = { endpoint: 'endpoints/late', rows: [{ values: { distance: { int64Value: 2 ** 53 } } }] };
  expect(() => httpRequest(predict, PredictRequest, rounded)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_UNWRITABLE', message: expect.stringContaining('give a bigint') as string }));
  expect(() => httpRequest(predict, PredictRequest, { endpoint: 'endpoints/late', eventTimes: [new Date('no time')] })).toThrow(expect.objectContaining({ reason: 'REQUEST_UNWRITABLE' }));
});
