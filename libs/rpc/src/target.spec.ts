import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MetricPoint } from '@millrace/contracts/millrace/registry/v1/experiment';
import { connect, RpcHost } from './index.js';
import { plainHandlers, ProbeDefinition, type ProbeHandlers } from './probe.fixture.js';
import { addressVariable, targetOf } from './target.js';

/** The probe with a method that only reads, as its name says. */
const Reading = { ...ProbeDefinition, methods: { ...ProbeDefinition.methods, getPoint: { name: 'GetPoint', requestType: MetricPoint as typeof MetricPoint, requestStream: false, responseType: MetricPoint as typeof MetricPoint, responseStream: false, options: {} } } } as const;

let hosts: RpcHost[] = [];
let closers: (() => void)[] = [];
afterEach(async () => {
  closers.forEach((close) => close());
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
  closers = [];
});

async function serve(handlers: Partial<ProbeHandlers>): Promise<{ readonly host: RpcHost; readonly address: string }> {
  const host = new RpcHost();
  hosts.push(host);
  const whole = { ...plainHandlers, ...handlers };
  host.register(Reading, { ...whole, getPoint: async (asked) => (await whole.echo({ values: {} }, { signal: new AbortController().signal, deadline: new Date(), metadata: {} }), asked) });
  return { host, address: await host.listen('127.0.0.1:0') };
}

/** Instances that count the calls they answer, and a client of all of them. */
async function several(count: number): Promise<{ readonly answered: number[]; readonly served: readonly { readonly host: RpcHost }[]; readonly client: ReturnType<typeof connect<typeof Reading>> }> {
  const answered = Array.from({ length: count }, () => 0);
  const served = await Promise.all(answered.map((_, index) => serve({ echo: async (row) => ((answered[index] = (answered[index] ?? 0) + 1), row) })));
  const client = connect(Reading, served.map(({ address }) => address).join(','));
  closers.push(() => client.close());
  return { answered, served, client };
}

const untilAllAnswer = async (answered: readonly number[], call: () => Promise<unknown>): Promise<void> => {
  for (let calls = 0; calls < 10_000 && answered.some((times) => times === 0); calls++) await call();
};

describe('A service at several addresses', () => {
  it('is asked in turn', async () => {
    const { answered, client } = await several(3);
    await untilAllAnswer(answered, () => client.echo({}));
    const before = [...answered];
    for (let call = 0; call < 30; call++) await client.echo({});
    expect(answered.map((times, index) => times - (before[index] ?? 0))).toEqual([10, 10, 10]);
  });

  it('answers as long as one instance does, though another refuses because it shuts down', async () => {
    const { answered, served, client } = await several(2);
    await untilAllAnswer(answered, () => client.echo({}));
    await served[0]?.host.drain(1_000);
    const before = [...answered];
    for (let call = 0; call < 20; call++) await client.echo({});
    expect(answered.map((times, index) => times - (before[index] ?? 0))).toEqual([0, 20]);
  });

  it('answers as long as one instance does, though another has gone', async () => {
    const { answered, served, client } = await several(2);
    await untilAllAnswer(answered, () => client.echo({}));
    await served[0]?.host.close();
    for (let call = 0; call < 20; call++) await client.getPoint({});
    expect(answered[1]).toBeGreaterThanOrEqual(20);
  });

  it('is asked again elsewhere when what only reads was cut off, and not when it may have changed something', async () => {
    const held: (() => void)[] = [];
    const hang = await serve({ echo: (row) => new Promise((resolve) => held.push(() => resolve(row))) });
    let whole = 0;
    const sound = await serve({ echo: async (row) => ((whole += 1), row) });
    const client = connect(Reading, `${hang.address},${sound.address}`);
    closers.push(() => client.close());
    // Until both are connected; from then on every second call hangs.
    for (let calls = 0; calls < 10_000 && (whole === 0 || held.length === 0); calls++) await Promise.race([client.echo({}).catch(() => undefined), sleep(10)]);
    const before = held.length;
    const reads = [client.getPoint({}), client.getPoint({})];
    const writes = Promise.allSettled([client.echo({}), client.echo({})]);
    while (held.length < before + 2) await sleep(5);
    await hang.host.close();
    expect(await Promise.all(reads)).toHaveLength(2);
    expect((await writes).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('gives the refusal to the caller when every instance shuts down', async () => {
    const { answered, served, client } = await several(2);
    await untilAllAnswer(answered, () => client.echo({}));
    await Promise.all(served.map(({ host }) => host.drain(1_000)));
    await expect(client.echo({})).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
  });
});

describe('An address', () => {
  it('is taken as it is when it is one of an instance, and as one that may lead to several when it is a name', () => {
    expect(targetOf('127.0.0.1:4301')).toEqual({ target: '127.0.0.1:4301', options: {}, attempts: 1 });
    expect(targetOf('localhost:4301').attempts).toBe(1);
    const { target, options } = targetOf('registry:4301');
    expect(target).toBe('registry:4301');
    expect(options['grpc.service_config']).toContain('round_robin');
  });

  it('is a list of one family', () => {
    expect(targetOf('10.0.0.1:4301, 10.0.0.2:4301').target).toBe('ipv4:10.0.0.1:4301,10.0.0.2:4301');
    expect(targetOf('[::1]:4301,[::2]:4301').target).toBe('ipv6:[::1]:4301,[::2]:4301');
    for (const list of ['10.0.0.1:4301,registry:4301', 'a:1,b:2', '10.0.0.1:1,[::1]:1', '10.0.0.1:1,', '10.0.0.1,10.0.0.2']) {
      expect(() => targetOf(list)).toThrow(expect.objectContaining({ reason: 'ADDRESSES_INVALID' }));
    }
  });

  it('stands in a variable named after the service', () => {
    expect(addressVariable(ProbeDefinition)).toBe('MILLRACE_FIXTURE_ADDRESS');
  });
});
