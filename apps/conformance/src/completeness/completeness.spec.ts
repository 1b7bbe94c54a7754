import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { describe, expect, it } from 'vitest';
import { CONTRACTS, rpcsOf } from './contracts.js';
import { unseenErrors } from './error-demands.js';
import { unseenEvents } from './event-demands.js';
import { missingOf } from './rpc-demands.js';
import { Seen } from './seen.js';

const rpcs = rpcsOf(CONTRACTS);
const missing = (rpc: string, seen: Seen): readonly string[] => rpcs.filter((each) => each.rpc === rpc).flatMap((each) => missingOf(each, seen));
const refusal = (reason: string, code: 'INVALID_ARGUMENT' | 'NOT_FOUND' | 'ABORTED' = 'INVALID_ARGUMENT'): AppError => new AppError(code, 'millrace', reason, '');
const spec = 'apps/conformance/src/completeness/completeness.spec.ts';
/** Made here, so that it does not stand in this file. */
const ABSENT = ['no', 'such', 'text'].join('-');

const PROTO = fileURLToPath(new URL('../../../../proto', import.meta.url));

it('knows every service of the proto files', () => {
  const declared = readdirSync(PROTO, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.proto'))
    .flatMap((file) => {
      const text = readFileSync(join(PROTO, file), 'utf8');
      const [, name = ''] = /^package ([\w.]+);/m.exec(text) ?? [];
      return Array.from(text.matchAll(/^service (\w+) \{/gm), ([, service = '']) => `${name}.${service}`);
    });
  expect(Object.values(CONTRACTS).map(({ fullName }) => fullName).sort()).toEqual(declared.sort());
});

/** Planted gaps: each must be named. */
describe('what was left out', () => {
  it('is every RPC where nothing was called', () => {
    expect(rpcs.length).toBeGreaterThan(90);
    for (const rpc of rpcs) expect(missingOf(rpc, new Seen())).toContain('is answered');
  });

  it('is named field by field, until all was seen', () => {
    const seen = new Seen();
    const call = (request: object, error?: AppError, response: unknown = {}): void => seen.call({ rpc: 'RegistryService/ListRuns', request, response, error });
    call({ parent: 'experiments/e' });
    expect(missing('RegistryService/ListRuns', seen)).toEqual(['turns a page', 'refuses a page token that it did not make', 'refuses a negative page size', 'filters', 'refuses a filter over a field that it does not have', 'refuses a malformed name', 'says that a resource is not there']);
    for (const reason of ['INVALID_PAGE_TOKEN', 'INVALID_PAGE_SIZE', 'INVALID_FILTER', 'INVALID_NAME']) call({ parent: 'x' }, refusal(reason));
    call({ parent: 'experiments/nobody' }, refusal('EXPERIMENT_NOT_FOUND', 'NOT_FOUND'));
    call({ parent: 'experiments/e', filter: 'state=RUNNING' });
    expect(missing('RegistryService/ListRuns', seen)).toEqual(['turns a page']);
    call({ parent: 'experiments/e', pageToken: 'abc' });
    expect(missing('RegistryService/ListRuns', seen)).toEqual([]);
  });

  it('is a request id that was answered differently, and an etag that nobody refused', () => {
    const seen = new Seen();
    const create = (name: string): void => seen.call({ rpc: 'IngestionService/CreateDataset', request: { requestId: 'r' }, response: { name }, error: undefined });
    create('datasets/a');
    create('datasets/b');
    expect(missing('IngestionService/CreateDataset', seen)).toEqual(['gives the first answer to a request id that comes again']);
    create('datasets/b');
    expect(missing('IngestionService/CreateDataset', seen)).toEqual([]);
    expect(missing('MonitorService/ResolveAlert', seen)).toEqual(expect.arrayContaining(['takes the etag that is', 'refuses an etag that was']));
  });

  it('is every declared error that nothing raised, also where it stands in the status of a job', () => {
    const seen = new Seen();
    const declared = [{ domain: 'x.millrace', reason: 'BURNT' }, { domain: 'x.millrace', reason: 'SPILT' }];
    const none = { proven: [], owed: [] };
    expect(unseenErrors(declared, seen, none)).toEqual(['x.millrace BURNT was not raised', 'x.millrace SPILT was not raised']);
    seen.call({ rpc: 'X/Y', request: {}, response: undefined, error: new AppError('ABORTED', 'x.millrace', 'BURNT', '') });
    seen.rest({ error: { details: [{ domain: 'x.millrace', reason: 'SPILT' }] } });
    expect(unseenErrors(declared, seen, none)).toEqual([]);
  });

  it('is an excuse that does not hold', () => {
    const seen = { errors: new Set(['x.millrace BURNT']) };
    const declared = ['BURNT', 'SPILT', 'LOST'].map((reason) => ({ domain: 'x.millrace', reason }));
    const proven = [
      { domain: 'x.millrace', reasons: ['BURNT', 'GONE'], why: '', spec },
      { domain: 'x.millrace', reasons: ['SPILT'], why: '', spec: 'apps/conformance/src/nobody.spec.ts' },
      { domain: 'x.millrace', reasons: ['LOST'], why: '', spec: `${spec}: ${ABSENT}` },
    ];
    expect(unseenErrors(declared, seen, { proven, owed: [] })).toEqual([
      'x.millrace BURNT is excused, and was raised',
      'x.millrace GONE is excused, and is not declared',
      'x.millrace SPILT is excused, and apps/conformance/src/nobody.spec.ts is not there',
      `x.millrace LOST is excused, and ${spec} does not say "${ABSENT}"`,
    ]);
  });

  it('is every event that nobody published, or whose envelope is wrong', () => {
    expect(unseenEvents({ records: [] }).length).toBe(Object.values(catalogue).flatMap((events) => Object.values(events)).length);
    const { modelVersionRegistered: event } = catalogue.registry;
    const record = { ...toRecord(event, '/millrace/registry', { modelVersion: undefined }), partition: 0, offset: 0n, time: new Date() };
    const about = (faults: readonly string[]): readonly string[] => faults.filter((fault) => fault.startsWith(event.type));
    expect(about(unseenEvents({ records: [record] }))).toEqual([]);
    expect(about(unseenEvents({ records: [{ ...record, key: 'other' }] }))).toEqual([expect.stringContaining('has the key other')]);
  });
});
