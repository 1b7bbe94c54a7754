import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { AppError } from '@millrace/core';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeTerminalOptions, run } from './terminal.fixture.js';

describe('the program', () => {
  it('says how it is used, within the terminal', async () => {
    const { code, out, err } = await run('--help', { columns: 80 });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Usage: millrace [options] [command]');
    expect(out).toContain('Exit codes: 0 done, 1 the thing failed, 2 wrong use or input,\n            3 not reachable, 130 interrupted.');
    for (const command of ['up', 'init', 'apply', 'schema', 'run', 'logs', 'pipeline', 'pause', 'resume', 'status', 'lineage', 'demo', 'dataset', 'contract', 'feature', 'materialize', 'model', 'endpoint', 'predict', 'feedback', 'alert', 'monitor', 'events', 'completion']) expect(out).toMatch(new RegExp(`^ {2}${command}[ |]`, 'm'));
    for (const text of out.split('\n')) expect(text.length, text).toBeLessThanOrEqual(80);
  });

  it.each(['up', 'apply', 'run', 'dataset ingest', 'dataset rollup', 'dataset show', 'dataset duplicates', 'contract infer', 'feature list', 'feature show', 'feature versions', 'feature diff', 'feature delete', 'plan show', 'materialize', 'model alias', 'model show', 'predict', 'feedback', 'alert list', 'monitor reports', 'reports', 'run list', 'runs list', 'events dlq list', 'events dlq retry'])('says how `%s` is used', async (command) => {
    const { code, out } = await run(`${command} --help`);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: millrace ${command} `));
  });

  it('says its version', async () => expect(await run('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' }));

  it.each([
    { line: 'bogus', told: "error: unknown command 'bogus'" },
    { line: 'staus', told: 'Did you mean status?' },
    { line: 'materialize', told: 'name the feature views, or all of them by --all.' },
    { line: 'materialize departures --all', told: 'name the feature views, or all of them by --all.' },
    { line: 'apply', told: "error: missing required argument 'file'" },
    { line: 'run late --frsh', told: 'Did you mean --fresh?' },
    { line: 'feedback late', told: "error: required option '--label <id=value>' not specified" },
    { line: '', told: 'Usage: millrace' },
  ])('refuses `$line` as wrong use', async ({ line, told }) => {
    const { code, out, err } = await run(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(told);
    const { out: document } = await run(`${line} --json`);
    expect(JSON.parse(document)).toMatchObject({ error: { code: 'INVALID_ARGUMENT', reason: 'WRONG_USE' } });
  });
});

describe('without anything that answers', () => {
  it('every command says so at once, and how to start it', async () => {
    for (const line of ['status', 'runs list', 'dataset list', 'model list', 'alerts list', 'schema', 'reports late', 'run late', 'lineage x', 'events dlq list', 'events dlq show t:0:1', 'events dlq retry --all --group g']) {
      const { code, out, err } = await run(`${line} --address 127.0.0.1:1`);
      expect({ line, code, out, err }).toEqual({ line, code: 3, out: '', err: 'Error: Nothing answers at 127.0.0.1:1; start it with `millrace up`, or say where it is with --address or MILLRACE_GRPC_ADDRESS.\n' });
    }
    const { out } = await run('status --json', { env: { MILLRACE_GRPC_ADDRESS: '127.0.0.1:1' } });
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'UNAVAILABLE', reason: 'NOT_REACHABLE', metadata: { address: '127.0.0.1:1' } } });
  });

  it('each service is asked where it is said to be, and what every process serves where pipelines is', async () => {
    const addresses = { MILLRACE_REGISTRY_ADDRESS: '127.0.0.1:1', MILLRACE_PIPELINES_ADDRESS: '127.0.0.1:2' };
    for (const [line, address] of [['model list', '127.0.0.1:1'], ['runs list', '127.0.0.1:2'], ['events dlq list', '127.0.0.1:2'], ['events dlq show t:0:1', '127.0.0.1:2']] as const) {
      const { code, err } = await run(line, { env: addresses });
      expect({ line, code, err: err.slice(0, 'Error: Nothing answers at 127.0.0.1:1'.length) }).toEqual({ line, code: 3, err: `Error: Nothing answers at ${address}` });
    }
  });

  it.each(['nowhere', 'http://127.0.0.1:4301', '127.0.0.1:99999', ''])('"%s" is no address', async (address) => {
    const { code, err } = await run(['status', '--address', address]);
    expect({ code, err }).toEqual({ code: 2, err: `Error: "${address}" is no address; write host:port, such as 127.0.0.1:4301.\n` });
  });

  it('what answers something else is told apart', async () => {
    const server = createServer((_, response) => response.end('hello'));
    const address = await new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`)));
    const { code, err } = await run(`status --address ${address}`);
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(3);
    expect(err).toContain(`What listens at ${address} does not answer gRPC: `);
  });

  it('input is looked at before anybody is asked', async () => {
    for (const [line, told] of [
      ['runs list --limit x', '"x" is no number for --limit; give a whole number from 1 to 10000.'],
      ['runs list --limit 0', '"0" is no number for --limit'],
      ['run late --until yesterday', '"yesterday" is no time for --until; write it in ISO 8601'],
      ['up --http-port 70000', '"70000" is no number for --http-port; give a port from 0 to 65535.'],
      ['apply nothing.yaml', 'Cannot read nothing.yaml: there is no such file.'],
      ['apply /', 'Cannot read /: it is a folder.'],
      ['dataset ingest flights a.csv --format xml', '--format xml is not known; give one of csv, jsonl, json, parquet.'],
      ['dataset ingest flights a.csv --from 2001-01-01', '--from and --to need the column that they are about; give --time-column.'],
      ['dataset rollup hourly --of flights --every soon --column flights=count', '--every soon is no length of time; write a number and a unit, such as 90m, 1h or 7d.'],
      ['dataset rollup hourly --of flights --every 1h --column flights=number', '--column flights=number is no figure; write NAME=FOLD:COLUMN'],
      ['dataset rollup hourly --of flights --every 1h --column p95=quantile:delay', '--column p95=quantile:delay is no figure'],
      ['model alias late champion latest --reason r', '"latest" is no number for VERSION; give the number of a version'],
      ['predict late', 'There is no row to predict; give --row with a JSON object by column, or a file with many; - means standard input.'],
      ['predict late --row {', '--row is no JSON: '],
      ['predict late --row [1]', '--row is no JSON object by column, but a list; write it such as {"origin": "ORD", "distance": 733}.'],
      ['predict late --row {"a":{"b":1}}', '--row, column a: {"b":1} is no cell; write a text, a number, true, false or null.'],
      ['predict late --row {} --time 2001-01-01 --time 2001-01-02', 'There are 2 times for 1 rows; give --time once for all rows, or once a row.'],
      ['events dlq retry', 'Give one letter, as `millrace events dlq list` shows it, or --all for every one that waits.'],
      ['events dlq retry t:0:1 --all', 'Give one letter'],
      ['events dlq retry t:0:1 --group g', '--topic, --group and --type go with --all'],
      ['feedback late --label x', '"x" is no label; write ID=VALUE'],
      ['feedback late --label x=high', '"x=high" is no label'],
    ] as const) {
      const { code, out, err } = await run(`${line} --address 127.0.0.1:1`);
      expect({ line, code, out }).toEqual({ line, code: 2, out: '' });
      expect(err, line).toContain(`Error: ${told}`);
    }
  });
});

describe('with services that answer', () => {
  let home: Home;
  const alert = (change: Partial<Alert>): Alert => ({ name: 'alerts/01a2', monitor: 'monitors/late', report: 'reports/r', kind: 'KIND_QUALITY' as Alert['kind'], state: 'STATE_OPEN' as Alert['state'], message: 'unseen in more than 5 %: origin 10 %', eventTime: new Date('2001-04-09T00:00:00Z'), createTime: undefined, updateTime: undefined, etag: '1', endpoint: 'endpoints/late', figures: {}, muteUntil: undefined, ...change });
  const report = Report.fromPartial({
    name: 'reports/r', monitor: 'monitors/late', from: new Date('2001-04-02T00:00:00Z'), to: new Date('2001-04-09T00:00:00Z'), predictions: 5_065n, labels: 4_000n, late: 3n, lateLabels: 1n, alerts: ['alerts/01a2'],
    columns: [{ column: 'date', distances: { psi: 9 }, drifted: false, rows: 5_065n }, { column: 'distance', distances: { psi: 0.31 }, drifted: true, rows: 5_065n }, { column: 'origin', distances: {}, missingShare: 1, degraded: true, rows: 5_065n }],
    score: { column: 'score', distances: { psi: 0.02 }, rows: 5_065n },
    performance: [{ metric: 'log_loss', value: 0.4386, low: 0.4229, high: 0.4542 }],
  });

  beforeAll(async () => {
    home = await startHome([
      standInService([
        standIn(MonitorServiceDefinition, {
          listAlerts: async ({ filter, pageSize }) => ({ alerts: filter.includes('RESOLVED') ? [] : Array.from({ length: Math.min(pageSize, 3) }, (_, i) => alert({ name: `alerts/${i}`, message: `\u001b[2Jalert ${i}` })), nextPageToken: pageSize < 3 ? 'more' : '' }),
          getMonitor: async ({ name }) => Monitor.fromPartial({ name, drift: { psi: 0.25, minColumns: 1, ignore: ['date'] } }),
          listReports: async () => ({ reports: [report], nextPageToken: '' }),
          watchAlerts: async function* ({ changedSince }) {
            yield alert({ name: 'alerts/7', updateTime: new Date('2001-04-09T10:00:00Z'), message: changedSince?.toISOString() ?? 'from now on' });
            yield alert({ name: 'alerts/8', state: 'STATE_RESOLVED' as Alert['state'], message: 'over' });
          },
          muteAlert: async ({ name, until }) => alert({ name, muteUntil: until }),
          acknowledgeAlert: async () => {
            throw new AppError('FAILED_PRECONDITION', 'monitor.millrace', 'ALERT_RESOLVED', 'Alert alerts/1 is RESOLVED; a matter that comes back opens a new one.', { name: 'alerts/1' });
          },
        }),
        standIn(RegistryServiceDefinition, {}),
      ]),
    ]);
  });
  afterAll(() => home.close());
  const ask = (line: string, options: FakeTerminalOptions = {}) => run(`${line} --address ${home.grpcAddress}`, options);

  it('a list is a table for people and a document for programs', async () => {
    const { code, out, err } = await ask('alerts list');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')[1]).toBe('0      QUALITY  OPEN   late      2001-04-09 00:00   [2Jalert 0');
    const document = JSON.parse((await ask('alerts list --json')).out) as { readonly alerts: readonly Alert[] };
    expect(document.alerts.map(({ name, kind }) => [name, kind])).toEqual([['alerts/0', 'KIND_QUALITY'], ['alerts/1', 'KIND_QUALITY'], ['alerts/2', 'KIND_QUALITY']]);
    expect((await ask('alerts list --limit 2')).out).toContain('… and more; --limit 10 shows them.');
  });

  it('an alert that is muted says until when', async () => {
    expect((await ask('alert mute 1 --for 2h')).out).toMatch(/^1 +QUALITY +OPEN, muted to \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? +late /m);
    expect((await ask('alert mute 1 --end')).out).toMatch(/^1 +QUALITY +OPEN +late /m);
  });

  it('an empty list says how it comes to be filled', async () => {
    expect((await ask('alerts list --state resolved')).out).toBe('There is no alert of this kind; `millrace monitor reports MONITOR` shows what the windows measured.\n');
    expect(JSON.parse((await ask('alerts list --state resolved --json')).out)).toEqual({ alerts: [] });
  });

  it('alerts are told as they come, each in a line', async () => {
    expect((await ask('alert watch --since 2001-04-01')).out).toBe('2001-04-09 10:00  OPEN  7  QUALITY  late  2001-04-01T00:00:00.000Z\n  RESOLVED  8  QUALITY  late  over\n');
    expect((await ask('alert watch --json')).out.trimEnd().split('\n').map((line) => (JSON.parse(line) as Alert).message)).toEqual(['from now on', 'over']);
    expect((await ask('alert watch --since soon')).err).toContain('"soon" is no time for --since');
  });

  it('reports name the most drifted input that is not ignored, and what is missing', async () => {
    const { out } = await ask('reports late', { columns: 80 });
    expect(out).toBe(
      [
        'WINDOW (UTC)             STATE        PREDICTIONS  LABELS         LATE',
        '2001-04-02 – 2001-04-09  unspecified        5,065   4,000  3 + 1 label',
        '    score PSI 0.02  most drifted input distance 0.31',
        '    missing or unseen origin 100.0 %  log loss 0.4386 [0.4229, 0.4542]  alerts 1',
        '',
      ].join('\n'),
    );
  });

  it('an error is told in words, as a document, and by the exit code', async () => {
    const { code, out, err } = await ask('alerts ack 1');
    expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'Error: Alert alerts/1 is RESOLVED; a matter that comes back opens a new one.\n' });
    const json = await ask('alerts ack 1 --json');
    expect(JSON.parse(json.out)).toEqual({ error: { code: 'FAILED_PRECONDITION', reason: 'ALERT_RESOLVED', message: 'Alert alerts/1 is RESOLVED; a matter that comes back opens a new one.', metadata: { name: 'alerts/1' } } });
  });

  it('a service that is not there is told apart from nothing at all', async () => {
    const { code, err } = await ask('runs list');
    expect({ code, err }).toEqual({ code: 3, err: `Error: What listens at ${home.grpcAddress} does not answer gRPC: this service is not there. Give the gRPC address, which \`millrace up\` prints.\n` });
  });

  it('Ctrl-C ends it with the code that shells know', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await ask('alerts list', { interrupted: controller.signal })).toMatchObject({ code: 130, out: '', err: 'Error: Interrupted.\n' });
  });

  it('colours are for terminals that want them', async () => {
    const colourful = { columns: 80, env: { NO_COLOR: undefined } };
    expect((await ask('alerts list', colourful)).out).toContain('\u001b[31mOPEN\u001b[39m');
    expect((await ask('alerts list', { columns: 80 })).out).not.toContain('\u001b');
    expect((await ask('alerts list', { columns: 80, env: { NO_COLOR: undefined, TERM: 'dumb' } })).out).not.toContain('\u001b');
    expect((await ask('alerts list', { env: { NO_COLOR: undefined } })).out).not.toContain('\u001b');
  });
});
