import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ColumnContract_BadCell, type Contract, Contract_ExtraColumns, Contract_KeepPolicy, Expectation_Severity } from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { type LedgerEntry, LedgerEntry_Action, type QuarantinedRow } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { ingestionService } from '@millrace/ingestion';
import { type Client, connect } from '@millrace/rpc';
import { type Running, runServices } from '@millrace/service';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** 3,201 real films: titles that are numbers, dates in words, missing cells in fifteen of sixteen columns. */
const MOVIES = fileURLToPath(new URL('../../../node_modules/vega-datasets/data/movies.json', import.meta.url));
const LATEST = Date.UTC(2010, 11, 31);
const RATINGS = ['G', 'PG', 'PG-13', 'R', 'NC-17'];

const column = (name: string, type: ColumnType, more: Partial<Contract['columns'][number]> = {}) => ({ name, type, ...more });
const CONTRACT = {
  columns: [
    column('title', ColumnType.STRING, { sourceName: 'Title', required: true }),
    column('title as number', ColumnType.INT64, { sourceName: 'Title', badCell: ColumnContract_BadCell.MISSING }),
    column('released', ColumnType.TIMESTAMP, { sourceName: 'Release Date', required: true }),
    column('us gross', ColumnType.INT64, { sourceName: 'US Gross' }),
    column('rating', ColumnType.STRING, { sourceName: 'MPAA Rating', missingTexts: ['Not Rated'] }),
    column('imdb', ColumnType.FLOAT64, { sourceName: 'IMDB Rating' }),
    column('votes', ColumnType.INT64, { sourceName: 'IMDB Votes' }),
    column('director', ColumnType.STRING, { sourceName: 'Director' }),
  ],
  key: ['title'],
  keep: Contract_KeepPolicy.NEWEST,
  eventTime: 'released',
  extraColumns: Contract_ExtraColumns.DROP,
  expectations: [
    { name: 'released', severity: Expectation_Severity.QUARANTINE, column: 'released', rule: { $case: 'range' as const, value: { max: LATEST * 1000 } } },
    { name: 'known rating', severity: Expectation_Severity.QUARANTINE, column: 'rating', rule: { $case: 'accepted' as const, value: { values: RATINGS } } },
    { name: 'earned something', severity: Expectation_Severity.WARN, column: 'us gross', rule: { $case: 'range' as const, value: { min: 1 } } },
    { name: 'mostly rated', severity: Expectation_Severity.FAIL, column: 'imdb', rule: { $case: 'missingShare' as const, value: { max: 0.1 } } },
  ],
};

interface Movie {
  readonly Title: string | number | null;
  readonly 'US Gross': number | null;
  readonly 'Release Date': string;
  readonly 'MPAA Rating': string | null;
  readonly 'IMDB Rating': number | null;
  readonly 'IMDB Votes': number | null;
  readonly Director: string | null;
}

/** What the contract must make of the file, told by plain JavaScript. */
function derive() {
  const movies = (JSON.parse(readFileSync(MOVIES, 'utf8')) as Movie[]).map((movie, i) => ({
    row: i + 1,
    movie,
    title: movie.Title === null ? undefined : String(movie.Title),
    released: Date.parse(`${movie['Release Date']} UTC`),
    rating: movie['MPAA Rating'] === 'Not Rated' ? null : movie['MPAA Rating'],
  }));
  const faults = movies.flatMap(({ row, title, released, rating }) => {
    const columns = [...(title === undefined ? ['title'] : []), ...(released > LATEST ? ['released'] : []), ...(rating !== null && !RATINGS.includes(rating) ? ['rating'] : [])];
    return columns.length === 0 ? [] : [{ row, columns }];
  });
  const good = movies.filter(({ row }) => !faults.some((fault) => fault.row === row));
  const newest = new Map<string, (typeof good)[number]>();
  for (const movie of good) if (movie.released >= (newest.get(movie.title ?? '')?.released ?? -Infinity)) newest.set(movie.title ?? '', movie);
  const kept = [...newest.values()].sort((a, b) => a.row - b.row);
  return { movies, faults, good, kept, unread: kept.filter(({ title }) => !/^\s*[+-]?\d+\s*$/.test(title ?? '')) };
}

let dir: string;
let running: Running;
let client: Client<typeof IngestionServiceDefinition> & { close(): void };
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-movies-'));
  running = await runServices([ingestionService], { env: { MILLRACE_DATA_DIR: dir, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', LOG_LEVEL: 'silent', MILLRACE_SOURCE_ROOTS: dirname(MOVIES) } });
  client = connect(IngestionServiceDefinition, running.grpcAddress);
});
afterAll(async () => {
  client.close();
  await running.close();
  rmSync(dir, { recursive: true });
});

async function ingest(): Promise<IngestionRun> {
  let run = await client.createIngestionRun({ ingestionRun: { dataset: 'datasets/movies', source: { path: MOVIES }, contract: CONTRACT } });
  for await (const state of client.watchIngestionRun({ name: run.name })) run = state;
  if (run.status?.state !== JobState.SUCCEEDED) throw new Error(run.status?.error?.message ?? 'The run failed.');
  return run;
}

/** All pages of a list. */
async function all<Page extends { readonly nextPageToken: string }, Row>(read: (pageToken: string) => Promise<Page>, rows: (page: Page) => readonly Row[]): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const page: Page = await read(token);
    found.push(...rows(page));
    token = page.nextPageToken === '' ? undefined : page.nextPageToken;
  }
  return found;
}

it('types, mends and sets aside real dirt, and accounts for every film', async () => {
  const { movies, faults, good, kept, unread } = derive();
  // The file has what the story is about.
  expect([movies.length, faults.length > 5, good.length > kept.length, movies.filter(({ movie }) => typeof movie.Title === 'number').length]).toEqual([3201, true, true, 9]);
  const run = await ingest();
  expect(run.counts).toMatchObject({ read: 3201n, kept: BigInt(kept.length), duplicates: BigInt(good.length - kept.length), quarantined: BigInt(faults.length) });
  // Every date is written in words, and every title that is no number was emptied in the column of numbers.
  expect(run.counts).toMatchObject({ repaired: BigInt(kept.length), cellsRepaired: BigInt(kept.length + unread.length) });
  const parent = run.datasetVersion;

  const quarantined = await all<{ quarantinedRows: QuarantinedRow[]; nextPageToken: string }, QuarantinedRow>((pageToken) => client.listQuarantinedRows({ parent, pageSize: 7, pageToken }), (page) => page.quarantinedRows);
  expect(quarantined.map(({ row, reasons }) => ({ row: Number(row), columns: ['title', 'released', 'rating'].filter((name) => new RegExp(`(?:^|; )(?:[^:;]+: )?${name}\\b`).test(reasons)) }))).toEqual(faults);
  expect(quarantined.every(({ file, row, cells }) => file === 'movies.json' && cells['us gross'] === (movies[Number(row) - 1]?.movie['US Gross'] ?? undefined)?.toString())).toBe(true);

  const ledger = await all<{ ledgerEntries: LedgerEntry[]; nextPageToken: string }, LedgerEntry>((pageToken) => client.listLedgerEntries({ parent, pageSize: 1000, pageToken }), (page) => page.ledgerEntries);
  const emptied = ledger.filter(({ action }) => action === LedgerEntry_Action.EMPTIED);
  expect(emptied.map(({ row, column: name, found }) => [Number(row), name, found])).toEqual(unread.map(({ row, title }) => [row, 'title as number', title]));
  const mended = ledger.filter(({ action }) => action === LedgerEntry_Action.REPAIRED);
  expect(mended.map(({ row, found, became }) => [Number(row), found, `${became.replace(' ', 'T')}Z`])).toEqual(kept.map(({ row, movie, released }) => [row, movie['Release Date'], new Date(released).toISOString().replace('.000', '')]));
});

it('describes the films that it kept, and adds none when they come again', async () => {
  const { good, kept } = derive();
  const version: DatasetVersion = await client.getDatasetVersion({ name: 'datasets/movies/versions/latest' });
  expect(version).toMatchObject({ name: 'datasets/movies/versions/1', rows: BigInt(kept.length), eventTimeMin: new Date(Math.min(...kept.map(({ released }) => released))), eventTimeMax: new Date(Math.max(...kept.map(({ released }) => released))) });
  const of = (name: string) => version.profile.find((profile) => profile.column === name);
  const present = (name: keyof Movie): number[] => kept.flatMap(({ movie }) => (typeof movie[name] === 'number' ? [movie[name]] : []));
  for (const [name, source] of [['us gross', 'US Gross'], ['imdb', 'IMDB Rating'], ['votes', 'IMDB Votes']] as const) {
    const values = present(source);
    expect(of(name)).toMatchObject({ missing: BigInt(kept.length - values.length), min: Math.min(...values), max: Math.max(...values) });
    expect(of(name)?.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6);
  }
  const ratings = Object.entries(Object.groupBy(kept.filter(({ rating }) => rating !== null), ({ rating }) => rating ?? '')).map(([value, films]) => ({ value, count: BigInt(films?.length ?? 0) }));
  expect(of('rating')).toMatchObject({ missing: BigInt(kept.filter(({ rating }) => rating === null).length), top: ratings.sort((a, b) => Number(b.count - a.count)) });
  const unearned = kept.filter(({ movie }) => movie['US Gross'] === 0).length;
  expect(version.expectations).toMatchObject([{ name: 'released' }, { name: 'known rating' }, { name: 'earned something', met: false, broken: BigInt(unearned) }, { name: 'mostly rated', met: true }]);

  const again = await ingest();
  expect(again.counts).toMatchObject({ read: 3201n, kept: 0n, duplicates: BigInt(good.length) });
  expect(again.datasetVersion).toBe(version.name);
});
