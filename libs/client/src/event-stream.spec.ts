import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient, MillraceError } from './index.js';
import { events, json, PlannedServer, refusal } from './planned-server.fixture.js';

const server = new PlannedServer();
beforeAll(() => server.start());
afterAll(() => server.close());

const client = (attempts = 4) => createClient({ baseUrl: server.baseUrl, retry: { attempts, firstMs: 5, mostMs: 1_000 } });
const END = 'event: end\nid: z.end\ndata: {}\n\n';
const job = (id: string): string => `id: ${id}\ndata: {"name":"trainingJobs/${id}"}\n\n`;

/** What a stream gave before it ended, and the error that it ended with. */
async function told(stream: AsyncIterable<{ readonly name: string }>): Promise<{ readonly names: readonly string[]; readonly failure: unknown }> {
  const names: string[] = [];
  try {
    for await (const { name } of stream) names.push(name.replace('trainingJobs/', ''));
    return { names, failure: undefined };
  } catch (failure) {
    return { names, failure };
  }
}

it('gives every message of a stream that ends well, and asks for it once', async () => {
  server.plan(events(`retry: 5\n\n:\n\n${job('a')}${job('b')}${END}`));
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }))).toEqual({ names: ['a', 'b'], failure: undefined });
  expect(server.seen).toMatchObject([{ method: 'GET', url: '/v1/trainingJobs/a:watch', headers: { accept: 'text/event-stream' } }]);
});

it('takes up a stream that was cut in the middle of an event, after the last one that was whole', async () => {
  server.plan(events(`retry: 5\n\n${job('a')}${job('b')}id: c\ndata: {"name":"train`, { cut: true }), refusal(503, 'UNAVAILABLE'), events(`${job('c')}`), events(END));
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }))).toEqual({ names: ['a', 'b', 'c'], failure: undefined });
  expect(server.seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'b', 'b', 'c']);
});

it('comes back when the server said, and hears that nothing follows', async () => {
  server.plan(events(`retry: 300\n\n${job('a')}`, { cut: true }), (response) => void response.writeHead(204).end());
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }))).toEqual({ names: ['a'], failure: undefined });
  const [first, second] = server.seen.map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(290);
});

it('counts attempts from the last message, and then tells why it ends', async () => {
  server.plan(events(job('a'), { cut: true }), events(job('b'), { cut: true }), events('', { cut: true }));
  const { names, failure } = await told(client(3).trainingJobs.watch({ name: 'trainingJobs/a' }));
  expect(names).toEqual(['a', 'b']);
  expect(failure).toBeInstanceOf(MillraceError);
  expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
  expect(server.seen).toHaveLength(4);
});

it('ends with the failure that the stream tells, and with a refusal before it begins', async () => {
  const broken = JSON.stringify({ error: { code: 500, status: 'INTERNAL', message: 'It broke.', details: [{ reason: 'BUG', domain: 'millrace', metadata: {} }] } });
  server.plan(events(`${job('a')}event: failure\ndata: ${broken}\n\n`));
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }))).toMatchObject({ names: ['a'], failure: { code: 'INTERNAL', reason: 'BUG', message: 'It broke.' } });
  server.plan(refusal(404, 'NOT_FOUND'));
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }))).toMatchObject({ names: [], failure: { code: 'NOT_FOUND', status: 404 } });
  expect(server.seen).toHaveLength(1);
  server.plan(json({ name: 'trainingJobs/a' }));
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }))).toMatchObject({ names: [], failure: { reason: 'NO_GATEWAY' } });
  expect(server.seen).toHaveLength(1);
});

it('does not send a stream of changes a second time', async () => {
  server.plan(events(`data: {"response":{}}\n\n`, { cut: true }));
  const answers: unknown[] = [];
  await expect(async () => {
    for await (const answer of client().endpoints.predictStream([{ request: { endpoint: 'endpoints/late' } }])) answers.push(answer);
  }).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(answers).toHaveLength(1);
  expect(server.seen).toHaveLength(1);
});

it('lets its reader take as long as it wants', async () => {
  server.plan((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(job('a'));
    setTimeout(() => response.end(`${job('b')}${END}`), 900);
  });
  const names: string[] = [];
  for await (const { name } of client().trainingJobs.watch({ name: 'trainingJobs/a' }, { timeoutMs: 600 })) {
    names.push(name);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  expect(names).toEqual(['trainingJobs/a', 'trainingJobs/b']);
  expect(server.seen).toHaveLength(1);
});

it('takes up a stream that fell silent', async () => {
  server.plan((response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`${job('a')}${job('b')}`), events(END));
  const names: string[] = [];
  for await (const { name } of client().trainingJobs.watch({ name: 'trainingJobs/a' }, { timeoutMs: 400 })) {
    names.push(name);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  expect(names).toEqual(['trainingJobs/a', 'trainingJobs/b']);
  expect(server.seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'b']);
});

it('lets go of the connection when its reader leaves or aborts', async () => {
  let closed = Promise.withResolvers<void>();
  const open = (response: import('node:http').ServerResponse): void => {
    response.once('close', () => closed.resolve());
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(job('a'));
  };
  server.plan(open);
  for await (const { name } of client().trainingJobs.watch({ name: 'trainingJobs/a' })) {
    expect(name).toBe('trainingJobs/a');
    break;
  }
  await closed.promise;
  closed = Promise.withResolvers();
  const why = new Error('enough');
  const controller = new AbortController();
  server.plan(open);
  setTimeout(() => controller.abort(why), 500);
  expect(await told(client().trainingJobs.watch({ name: 'trainingJobs/a' }, { signal: controller.signal }))).toEqual({ names: ['a'], failure: why });
  await closed.promise;
});

it('turns pages when they are wanted, and no sooner', async () => {
  server.plan(json({ models: [{ name: 'models/a' }, { name: 'models/b' }], nextPageToken: 'two' }), json({ nextPageToken: 'three' }), json({ models: [{ name: 'models/c' }] }));
  const names: string[] = [];
  for await (const { name } of client().models.list({ pageSize: 2 })) {
    names.push(name);
    if (name === 'models/b') expect(server.seen).toHaveLength(1);
  }
  expect(names).toEqual(['models/a', 'models/b', 'models/c']);
  expect(server.seen.map(({ url }) => url)).toEqual(['/v1/models?pageSize=2', '/v1/models?pageSize=2&pageToken=two', '/v1/models?pageSize=2&pageToken=three']);
});
