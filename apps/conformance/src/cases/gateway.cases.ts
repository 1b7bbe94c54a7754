import { expect } from 'vitest';
import type { Home } from '../home/home.js';
import { cases } from './case.js';
import { refusalOf } from './names.cases.js';

/** A list of each service over gRPC, and where the same stands over HTTP. */
const LISTS = {
  datasets: async ({ ingestion }: Home) => (await ingestion.listDatasets({ pageSize: 1 })).datasets,
  featureViews: async ({ features }: Home) => (await features.listFeatureViews({ pageSize: 1 })).featureViews,
  trainingJobs: async ({ trainer }: Home) => (await trainer.listTrainingJobs({ pageSize: 1 })).trainingJobs,
  models: async ({ registry }: Home) => (await registry.listModels({ pageSize: 1 })).models,
  endpoints: async ({ inference }: Home) => (await inference.listEndpoints({ pageSize: 1 })).endpoints,
  monitors: async ({ monitor }: Home) => (await monitor.listMonitors({ pageSize: 1 })).monitors,
  pipelineRuns: async ({ pipelines }: Home) => (await pipelines.listPipelineRuns({ pageSize: 1 })).pipelineRuns,
} as const;

const refused = async ({ ask }: Home, path: string, { verb = 'GET', status = 400, ...options }: { readonly verb?: string; readonly status?: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }, reason: string): Promise<void> => {
  expect(await ask(verb, path, options)).toMatchObject({ status, body: { error: { code: status, details: [{ reason }] } } });
};

/** The same over HTTP. */
export const gatewayCases = cases({
  'predictions, labels and rows in plain JSON are taken at the one door of every home': async (home, world) => {
    await world.late();
    const { body: direct } = await home.post('/v1/endpoints/late:predict', { rows: [{ distance: 2_400, origin: 'ORD' }] });
    const { status, body } = await home.ask('POST', '/v1/endpoints/late:predict', { body: { rows: [{ distance: 2_400, origin: 'ORD' }] } });
    const predictionsOf = (answer: unknown) => (answer as { readonly predictions: readonly { readonly id: string; readonly score: number }[] }).predictions;
    expect({ status, scores: predictionsOf(body).map(({ score }) => score) }).toEqual({ status: 200, scores: predictionsOf(direct).map(({ score }) => score) });
    const labels = [{ predictionId: predictionsOf(body)[0]?.id, value: 1 }];
    expect(await home.ask('POST', '/v1/endpoints/late:feedback', { body: { labels } })).toEqual({ status: 200, body: { accepted: 1 } });
    await refused(home, '/v1/endpoints/late:predict', { verb: 'POST', body: { rows: 3 } }, 'INVALID_BODY');
    await refused(home, '/v1/endpoints/late:predict?body=e30%3D', { verb: 'POST', body: { rows: [] } }, home.gatewayAddress === home.httpAddress ? 'NO_ROWS' : 'FIELD_INVALID');
    await refused(home, '/v1/endpoints/nobody:predict', { verb: 'POST', status: 404, body: { rows: [{}] } }, 'ENDPOINT_NOT_FOUND');
    const push = () => home.ask('POST', '/v1/datasets/plainly-pushed:push?flush=true', { body: [{ day: '2001-01-01', big: '9007199254740993' }, { day: '2001-01-02', big: '1' }], headers: { 'idempotency-key': 'plain-1' } });
    expect(await push()).toMatchObject({ status: 200, body: { rows: 2, known: false, ingestionRun: expect.stringMatching(/^ingestionRuns\//) } });
    expect(await push()).toMatchObject({ status: 200, body: { rows: 2, known: true } });
  },
  'bodies in plain JSON go by gRPC as they are': async ({ inference, ingestion }, world) => {
    await world.late();
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));
    const read = ({ body }: { readonly body: Uint8Array }) => JSON.parse(Buffer.from(body).toString()) as Readonly<Record<string, unknown>>;
    const { predictions } = read(await inference.predictJson({ endpoint: 'endpoints/late', body: json({ rows: [{ distance: 2_400, origin: 'ORD' }] }) }));
    const [{ id }] = predictions as [{ readonly id: string }];
    expect(read(await inference.sendFeedbackJson({ endpoint: 'endpoints/late', body: json({ labels: [{ predictionId: id, value: 0 }] }) }))).toEqual({ accepted: 1 });
    expect(await refusalOf(inference.predictJson({ endpoint: 'endpoints/late', body: Buffer.from('{') }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'BODY_UNREADABLE' });
    const push = () => ingestion.pushRowsJson({ dataset: 'datasets/plainly-pushed', body: json([{ day: '2001-01-03', big: '2' }]), requestId: 'plain-2' });
    expect([read(await push()), read(await push())]).toMatchObject([{ rows: 1, known: false }, { rows: 1, known: true }]);
  },
  'a list of every service says over HTTP what it says over gRPC': async (home, world) => {
    await world.late();
    for (const [collection, list] of Object.entries(LISTS)) {
      const names = (await list(home)).map(({ name }) => ({ name }));
      const { status, body } = await home.ask('GET', `/v1/${collection}?pageSize=1`);
      expect({ collection, status }).toEqual({ collection, status: 200 });
      expect((body as Record<string, unknown>)[collection] ?? []).toMatchObject(names);
    }
  },
  'a run is watched to its end, and nobody is sent back to it': async (home, world) => {
    const { run } = await world.late();
    const url = `${home.gatewayAddress}/v1/${run.name}:watch`;
    const text = await (await fetch(url)).text();
    const [first = '', end = ''] = text.split('\n\n').filter((part) => /^data:/m.test(part));
    expect(JSON.parse(/^data: (.*)$/m.exec(first)?.[1] ?? '')).toMatchObject({ name: run.name });
    expect(end).toMatch(/^event: end\nid: \S+\.end\n/);
    expect((await fetch(url, { headers: { 'last-event-id': /^id: (.*)$/m.exec(end)?.[1] ?? '' } })).status).toBe(204);
  },
  'a reader of metrics goes on where he was cut off': async (home, world) => {
    const { run } = await world.experiment();
    const url = `${home.gatewayAddress}/v1/${run}/metricPoints:watch`;
    const leave = new AbortController();
    const eventsOf = (text: string) => Array.from(text.matchAll(/^id: (\S+)\ndata: (\{.+\})$/gm), ([, id = '', data = '']) => ({ id, data }));
    const read = async (count: number, lastEventId?: string) => {
      const answer = await fetch(url, { headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId }, signal: leave.signal });
      let text = '';
      for await (const part of answer.body ?? []) {
        text += Buffer.from(part).toString('utf8');
        if (eventsOf(text).length >= count) break;
      }
      return eventsOf(text);
    };
    const [first, second] = await read(2);
    expect((await read(1, first?.id))[0]).toEqual(second);
    leave.abort();
  },
  'a reader of alerts goes on where it was cut off': async (home, world) => {
    await world.watched();
    const all = (await home.monitor.listAlerts({})).alerts;
    const since = Math.min(...all.map(({ updateTime }) => updateTime?.getTime() ?? 0));
    const leave = new AbortController();
    const answer = await fetch(`${home.gatewayAddress}/v1/alerts:watch`, { headers: { 'last-event-id': `read-before@${since}` }, signal: leave.signal });
    const heard = new Set<string>();
    let text = '';
    for await (const part of answer.body ?? []) {
      text += Buffer.from(part).toString('utf8');
      for (const [, name = ''] of text.matchAll(/^data: \{"name":"(alerts\/[^"]+)"/gm)) heard.add(name);
      if (heard.size === all.length) break;
    }
    leave.abort();
    expect([...heard].sort()).toEqual(all.map(({ name }) => name).sort());
    expect(text).toMatch(/^id: \S+@\d+$/m);
  },
  'what is applied is put in the place of what was read, or not at all': async (home) => {
    const apply = (description: string, ifMatch?: string) => home.ask('PUT', '/v1/entities/of-a-page', { body: { joinKeys: [{ name: 'port', type: 'COLUMN_TYPE_STRING' }], description }, ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }) });
    expect(await apply('first')).toMatchObject({ status: 200, body: { etag: '1' } });
    expect(await apply('second', '"1"')).toMatchObject({ status: 200, body: { etag: '2' } });
    expect(await apply('third', '"1"')).toMatchObject({ status: 412, body: { error: { status: 'ABORTED', details: [{ reason: 'DEFINITION_CHANGED' }] } } });
    expect(await home.ask('GET', '/v1/entities/of-a-page?$fields=description,joinKeys.name', {})).toEqual({ status: 200, body: { description: 'second', joinKeys: [{ name: 'port' }] } });
    await refused(home, '/v1/entities/of-a-page?$fields=nome', {}, 'FIELD_INVALID');
  },
  'a request that is none is refused, and what is wrong is named': async (home) => {
    await refused(home, '/v1/models?pageSize=many', {}, 'FIELD_INVALID');
    await refused(home, '/v1/featureViews:pushRows', { verb: 'POST', body: {} }, 'BODY_INVALID');
    await refused(home, '/v1/models', { headers: { 'x-server-timeout': 'soon' } }, 'TIMEOUT_INVALID');
    await refused(home, '/v1/entities/none', { verb: 'DELETE', headers: { 'if-match': 'W/"1"' } }, 'ETAG_INVALID');
    await refused(home, '/v1/models', { verb: 'POST', body: {}, headers: { 'if-match': '"1"' } }, 'ETAG_UNSUPPORTED');
    await refused(home, '/v1/nothing', { status: 404 }, 'PATH_UNKNOWN');
    await refused(home, '/nothing', { verb: 'POST', body: {}, status: 404 }, 'PATH_UNKNOWN');
    await refused(home, '/v1/models/none', { verb: 'DELETE', status: 405 }, 'METHOD_NOT_ALLOWED');
    await refused(home, '/v1/models', { headers: { origin: 'https://elsewhere.example' }, status: 403 }, 'ORIGIN_UNKNOWN');
  },
});
