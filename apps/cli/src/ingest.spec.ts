import { Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionRun, IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition, InferContractResponse, InspectSourceResponse, type CreateIngestionRunRequest } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from './terminal.fixture.js';

const NAME = 'ingestionRuns/0190';
let home: Home;
let asked: CreateIngestionRunRequest['ingestionRun'];
let answer: Parameters<typeof IngestionRun.fromPartial>[0];
beforeAll(async () => {
  home = await startHome([
    standInService([
      standIn(IngestionServiceDefinition, {
        createIngestionRun: async ({ ingestionRun }) => {
          asked = ingestionRun;
          return IngestionRun.fromPartial({ name: NAME, status: { state: JobState.PENDING } });
        },
        watchIngestionRun: async function* ({ name }) {
          yield IngestionRun.fromPartial({ name, status: { state: JobState.RUNNING, progress: { step: '2001-01-10', done: 9, total: 31 } } });
          yield IngestionRun.fromPartial({ name, dataset: 'datasets/trips', datasetVersion: 'datasets/trips/versions/2', status: { state: JobState.SUCCEEDED }, counts: { read: 4n, kept: 4n }, ...answer });
        },
        inspectSource: async () => InspectSourceResponse.fromPartial({ counts: { read: 1n, kept: 1n } }),
        inferContract: async () => InferContractResponse.fromPartial({ contract: { eventTime: 'at' } }),
        getDatasetVersion: async ({ name }) => DatasetVersion.fromPartial({ name: 'datasets/trips/versions/2', partitions: ['2001-01-01', '2001-01-02', '2001-01-03'].map((key) => ({ key, since: `datasets/trips/versions/${key.endsWith('2') ? 2 : 1}` })), digest: name }),
      }),
    ]),
  ]);
});
afterAll(() => home.close());
beforeEach(() => void ([asked, answer] = [undefined, {}]));
const ask = (line: string) => run(`${line} --address ${home.grpcAddress}`);

describe('dataset ingest', () => {
  it('reads a table of PostgreSQL, all of it or what is new', async () => {
    const { code, out } = await ask('dataset ingest trips --postgres MILLRACE_SOURCE_WAREHOUSE --table public.trips --incremental at --key id');
    expect({ code, out: out.split('\n')[0] }).toEqual({ code: 0, out: expect.stringContaining('Dataset trips 2 is there:') as string });
    expect(asked).toMatchObject({ dataset: 'datasets/trips', mode: IngestionRun_Mode.APPEND, contract: { key: ['id'] }, source: { path: '', kafka: undefined, postgres: { connection: 'MILLRACE_SOURCE_WAREHOUSE', table: 'public.trips', query: '', incrementalColumn: 'at' } } });
    await run(['dataset', 'ingest', 'trips', '--postgres', 'MILLRACE_SOURCE_WAREHOUSE', '--query', 'SELECT 1 AS a', '--address', home.grpcAddress]);
    expect(asked?.source?.postgres).toMatchObject({ table: '', query: 'SELECT 1 AS a' });
  });

  it('reads a topic of Kafka, and the rows that were pushed', async () => {
    await ask('dataset ingest trips --kafka MILLRACE_SOURCE_BROKERS --topic trips --event-id event --skip-removed --descriptor /shop.binpb --message shop.v1.Trip');
    expect(asked?.source).toMatchObject({ path: '', postgres: undefined, kafka: { connection: 'MILLRACE_SOURCE_BROKERS', topic: 'trips', eventIdColumn: 'event', skipRemoved: true, descriptorPath: '/shop.binpb', messageType: 'shop.v1.Trip' } });
    await ask('dataset ingest trips --pushed');
    expect(asked?.source).toMatchObject({ path: '', push: {}, kafka: undefined });
  });

  it('cuts by time, fills parts anew, and leaves known files out', async () => {
    await ask('dataset ingest trips /trips --partition day:at --backfill --from 2001-01-10 --to 2001-01-13');
    expect(asked).toMatchObject({ mode: IngestionRun_Mode.BACKFILL, contract: { partition: { by: Partitioning_By.DAY, column: 'at' } }, source: { path: '/trips', timeFilter: { column: 'at', from: new Date('2001-01-10'), to: new Date('2001-01-13') } } });
    await ask('dataset ingest trips /trips --new-files-only');
    expect(asked?.source).toMatchObject({ path: '/trips', newFilesOnly: true });
  });

  it('tells its progress, what an interruption had left, and that nothing is new', async () => {
    answer = { partitionsResumed: 12 };
    const { out, err } = await ask('dataset ingest trips /trips');
    expect(out).toContain('12 parts were there from before the interruption');
    expect(err).toMatch(/ingest {2}running/);
    answer = { unchanged: true, counts: {} };
    expect((await ask('dataset ingest trips /trips')).out).toContain('Nothing is new: dataset trips 2 holds it already');
    const { out: document } = await ask('dataset ingest trips /trips --json');
    expect(JSON.parse(document)).toMatchObject({ name: NAME, unchanged: true, datasetVersion: 'datasets/trips/versions/2' });
    expect((await ask('dataset show trips')).out).toContain('3 by day, 2001-01-01 to 2001-01-03; made by this version: 2001-01-02');
  });

  it.each([
    ['dataset ingest trips', 'Say where the rows come from, and one place only'],
    ['dataset ingest trips /a.csv --pushed', 'Say where the rows come from, and one place only'],
    ['dataset ingest trips --postgres C', '--postgres needs --table or --query'],
    ['dataset ingest trips --postgres C --table t --query q', '--postgres needs --table or --query'],
    ['dataset ingest trips --kafka C', '--kafka needs --topic.'],
    ['dataset ingest trips --kafka C --topic t --message m', '--descriptor and --message go together'],
    ['dataset ingest trips /a.csv --event-id e', '--event-id is about --kafka'],
    ['dataset ingest trips --kafka C --topic t --table t', '--table is about --postgres'],
    ['dataset ingest trips --pushed --new-files-only', '--new-files-only is about files'],
    ['dataset ingest trips /a.csv --partition week:at', '--partition week:at is not known; give day:COLUMN or month:COLUMN.'],
    ['dataset ingest trips /a.csv --backfill --from 2001-01-01 --time-column at', '--backfill replaces the parts from --from to --to; give both.'],
    ['dataset ingest trips /a.csv --backfill --replace', 'give one of them'],
    ['dataset inspect', 'Say where the rows come from'],
    ['contract infer --kafka C', '--kafka needs --topic.'],
  ])('refuses `%s`', async (line, told) => {
    const { code, err } = await ask(line);
    expect({ code, asked }).toEqual({ code: 2, asked: undefined });
    expect(err).toContain(told);
  });

  it('inspects and drafts from any source', async () => {
    expect((await ask('dataset inspect --postgres C --table t')).code).toBe(0);
    expect((await ask('contract infer --kafka C --topic trips')).out).toContain('# Drafted from trips');
  });
});
