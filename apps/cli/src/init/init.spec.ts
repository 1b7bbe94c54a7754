import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionServiceDefinition, InferContractResponse, InspectSourceResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ApplyPipelineResponse, type ApplyPipelineRequest, PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { AppError } from '@millrace/core';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from '../terminal.fixture.js';

const DAY = 86_400_000_000;
const PROFILE = [
  { column: 'id', type: ColumnType.INT64, distinct: 900n, min: 1, max: 900, quantiles: [1, 45, 225, 450, 675, 855, 900] },
  { column: 'placed', type: ColumnType.TIMESTAMP, distinct: 900n, min: 0, max: 100 * DAY, quantiles: [0, 5, 25, 50, 75, 95, 100].map((n) => n * DAY) },
  { column: 'shipped', type: ColumnType.TIMESTAMP, distinct: 900n, min: 0, max: 100 * DAY, quantiles: [0, 5, 25, 50, 75, 95, 100].map((n) => n * DAY) },
  { column: 'price', type: ColumnType.FLOAT64, distinct: 500n, min: 1, max: 90, quantiles: [1, 2, 5, 12.5, 30, 80, 90] },
  { column: 'price in cents', type: ColumnType.FLOAT64, distinct: 500n, min: 100, max: 9_000, quantiles: [100, 200, 500, 1250, 3000, 8000, 9000] },
  { column: 'shop', type: ColumnType.STRING, distinct: 40n, top: [{ value: 'a', count: 30n }] },
  { column: 'note', type: ColumnType.STRING, distinct: 880n, top: [{ value: 'x', count: 2n }] },
  { column: 'state', type: ColumnType.STRING, distinct: 2n, topComplete: true, top: [{ value: 'kept', count: 700n }, { value: 'sent back', count: 200n }] },
].map((profile) => ColumnProfile.fromPartial(profile));
const columns = PROFILE.map(({ column, type }) => ({ name: column, type, sourceName: column, ...(column === 'shipped' ? { badCell: ColumnContract_BadCell.MISSING } : {}) }));
const REMARKS = [
  { place: 'columns.price', why: 'every cell reads as FLOAT64' },
  { place: 'columns.shipped', why: '898 of 900 cells read as TIMESTAMP; the others become missing, such as "lost"' },
  { place: 'columns.shop', why: 'every cell reads as STRING; 820 of 900 would read as TIMESTAMP, and the others not, such as "soon"' },
];

let home: Home;
let directory: string;
let checked: ApplyPipelineRequest[];
let refusal: AppError | undefined;
let duplicates: bigint;
let key: string[];
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-init-'));
  writeFileSync(join(directory, 'orders.csv'), 'id\n1\n');
  home = await startHome([
    standInService([
      standIn(IngestionServiceDefinition, {
        inferContract: async () => InferContractResponse.fromPartial({ contract: { eventTime: 'placed', key, columns }, remarks: REMARKS }),
        inspectSource: async () => InspectSourceResponse.fromPartial({ profile: PROFILE, counts: { read: 900n, kept: 900n, duplicates }, correlations: [{ left: 'price', right: 'price in cents', r: 1 }] }),
      }),
      standIn(PipelinesServiceDefinition, {
        applyPipeline: async (request) => {
          checked.push(request);
          if (refusal) throw refusal;
          return ApplyPipelineResponse.fromPartial({ changed: true });
        },
      }),
    ]),
  ]);
});
afterAll(async () => {
  await home.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => void ([checked, refusal, duplicates, key] = [[], undefined, 0n, ['id']]));

const init = (line: string, answers?: readonly string[]) => run(`init --address ${home.grpcAddress} ${line}`, { cwd: directory, ...(answers ? { answers } : {}) });
const written = (file: string) => parse(readFileSync(join(directory, file), 'utf8')) as { readonly pipeline: string; readonly sources: object; readonly training: object; readonly plan: { readonly steps: readonly object[]; readonly features: readonly string[] } };

describe('a person who is asked', () => {
  it('may take what is proposed, and is asked again after a slip', async () => {
    const { code, out, err } = await init('--out first.yaml', ['order.csv', 'orders.csv', '', 'plced', 'placed', 'stat', '', '']);
    expect({ code, told: out.split('\n')[0] }).toEqual({ code: 0, told: 'first.yaml is written: orders predicts whether "state" is "sent back".' });
    const questions = err.split('\n').filter((line) => line.includes('?'));
    expect(questions).toEqual([
      'Which file holds the rows (CSV, JSON lines or Parquet)? ',
      'Which file holds the rows (CSV, JSON lines or Parquet)? ',
      'What shall the pipeline be called? [orders] ',
      'Which column says when a row was true? [placed] ',
      '"plced" is no column of times; did you mean "placed"? There are placed, shipped.',
      'Which column says when a row was true? [placed] ',
      'Which column shall be predicted (id, price, price in cents, state)? [state] ',
      'There is no column "stat"; did you mean "state"?; these can be predicted: id, price, price in cents, state.',
      'Which column shall be predicted (id, price, price in cents, state)? [state] ',
      'Which of these is yes (kept, sent back)? [sent back] ',
    ]);
    expect(err).toContain('900 read = 900 kept');
    expect(checked).toMatchObject([{ dryRun: true, basePath: directory, source: readFileSync(join(directory, 'first.yaml'), 'utf8') }]);
  });

  it('may say that a number decides, and from which on', async () => {
    const { out } = await init('--csv orders.csv --name cheap --time placed --out second.yaml', ['price', '20']);
    expect(out).toContain('second.yaml is written: cheap predicts whether "price" is above 20.\n');
    expect(written('second.yaml')).toMatchObject({ pipeline: 'cheap', training: { labels: { price_above_20: { column: 'price', greater_than: 20 } }, target: 'price_above_20', split: { evaluate: '25d', train: '76d' } } });
  });
});

describe('a first pipeline', () => {
  it('leaves out what tells rows apart, what is the outcome, and what nearly is it, and says so', async () => {
    await init('--csv orders.csv --target price --yes --out third.yaml');
    const { plan } = written('third.yaml');
    expect(plan).toEqual({ steps: [{ dateparts: { column: 'placed', parts: ['weekday'] } }, { onehot: { column: 'state' } }, { frequency: { column: 'shop', as: 'shop_frequency' } }], features: ['weekday', 'state_onehot', 'shop_frequency'] });
    const text = readFileSync(join(directory, 'third.yaml'), 'utf8');
    for (const line of ['#   id: it tells rows apart', '#   shipped: it holds times; a step dateparts makes numbers of them', '#   price in cents: it moves with price (correlation 1.000), so it may be the outcome under another name', '#   note: nearly every row has a text of its own', '# every cell reads as FLOAT64']) expect(text).toContain(line);
  });

  it('says how many rows would be dropped because nothing tells them apart', async () => {
    duplicates = 7n;
    key = [];
    expect((await init('--csv orders.csv --yes --out fifth.yaml')).out).toContain('  7 rows equal another one in every column and will be dropped; if they are things of their own, give the file a column that tells them apart.\n');
    key = ['id'];
    expect((await init('--csv orders.csv --yes --out fifth.yaml --force')).out).not.toContain('will be dropped');
  });

  it('does not guess what a program wants of a column of numbers: there is no regression, and it says what to do', async () => {
    const { code, out, err } = await init('--csv orders.csv --target price --time placed --out sixth.yaml');
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: 'Error: Column "price" holds numbers, and models here answer yes or no: there is no regression. Say above which number it is yes, such as --above 12.5, which half of the rows are; or --yes to take that.\n' });
    expect((await init('--csv orders.csv --target price --time placed --above 20 --out sixth.yaml')).out).toBe('sixth.yaml is written: orders predicts whether "price" is above 20.\n  split by time: the newest 25d evaluate, the 76d before them train\n'.concat(['id: it tells rows apart', 'shipped: it holds times; a step dateparts makes numbers of them', 'price: it is what is predicted', 'price in cents: it moves with price (correlation 1.000), so it may be the outcome under another name', 'note: nearly every row has a text of its own'].map((why) => `  left out ${why}\n`).join(''), `  look at shipped: ${REMARKS[1]?.why}\n`, 'Next: read it, then millrace apply sixth.yaml and millrace run orders\n'));
    expect((await init('--csv orders.csv --target price --yes --out seventh.yaml')).out).toContain('models answer yes or no, and there is no regression: --above says another number');
  });

  it('says what keeps a column from saying when a row was true, and at which columns to look', async () => {
    expect(await init('--csv orders.csv --target state --value kept --time shop --out eighth.yaml')).toMatchObject({ code: 2, out: '', err: 'Error: Column "shop" cannot say when a row was true: every cell reads as STRING; 820 of 900 would read as TIMESTAMP, and the others not, such as "soon". Mend these cells, or name another with --time.\n' });
    expect((await init('--csv orders.csv --target state --value kept --time placed --out eighth.yaml')).out).toContain('  look at shipped: 898 of 900 cells read as TIMESTAMP; the others become missing, such as "lost"\n');
  });

  it('is not written where it would not apply', async () => {
    refusal = new AppError('INVALID_ARGUMENT', 'pipelines.millrace', 'FILE_INVALID', 'The file is wrong in one place.');
    expect(await init('--csv orders.csv --yes --out fourth.yaml')).toMatchObject({ code: 2, err: 'Error: The file is wrong in one place.\n' });
    expect(() => written('fourth.yaml')).toThrow('ENOENT');
  });
});
