import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PHONE, saved } from './browser.fixture.js';
import { tellSmallStory } from './dashboard.fixture.js';
import { day, LAST_DAY } from './late-flights.js';
import { openStage } from './stage.fixture.js';

const SET_ASIDE = 30;
const ORDERS = 'datasets/orders';

const stage = openStage(async (home) => {
  await tellSmallStory(home);
  await ingestOrders('orders-1.csv', 0);
  await ingestOrders('orders-2.csv', 900);
  await fill(day(LAST_DAY - 5));
  await fill();
  // Of the day after the flights: all that history knows of it is online now.
  await home.clients.inference.predict({ endpoint: 'endpoints/late', rows: [ORD], eventTimes: [day(LAST_DAY + 1)] });
});

const ORD = { values: { origin: { kind: { $case: 'stringValue' as const, value: 'ORD' } }, distance: { kind: { $case: 'int64Value' as const, value: 733n } } } };
const count = (value: bigint | number): string => value.toLocaleString('en-GB');

/** Fills the departures with what was known before a time, or with all. */
async function fill(knownBefore?: Date): Promise<void> {
  const { features } = stage.home.clients;
  const { name } = await features.createMaterialization({ materialization: { featureView: 'featureViews/departures', ...(knownBefore ? { knownBefore } : {}) } });
  for await (const { status } of features.watchMaterialization({ name })) if (status?.state === JobState.FAILED) throw new Error(status.error?.message);
}

/** Orders of which thirty cannot be read, one has an amount in another spelling, one an amount that is none, and one comes twice; amounts begin with `from`. */
async function ingestOrders(file: string, from: number): Promise<void> {
  const id = (i: number): string => (i < SET_ASIDE ? `x${i}` : String(from + i));
  const rows = Array.from({ length: 200 }, (_, i) => `${id(i)},${new Date(Date.UTC(2001, from === 0 ? 0 : 1, 1 + (i % 28))).toISOString().slice(0, 10)},${i === 40 ? '"1,000"' : i === 41 ? 'lots' : from + i}`);
  writeFileSync(join(stage.home.directory, file), `id,at,amount\n${[...rows, rows[50]].join('\n')}\n`);
  const { ingestion } = stage.home.clients;
  const columns = [
    { name: 'id', type: ColumnType.INT64, badCell: ColumnContract_BadCell.QUARANTINE },
    { name: 'at', type: ColumnType.TIMESTAMP, badCell: ColumnContract_BadCell.QUARANTINE },
    { name: 'amount', type: ColumnType.FLOAT64, badCell: ColumnContract_BadCell.MISSING },
  ];
  const contract = { columns, key: ['id'], eventTime: 'at', maxQuarantinedShare: 0.5, expectations: [{ name: 'amount-range', column: 'amount', rule: { $case: 'range' as const, value: { min: 0, max: 500 } } }] };
  const { name } = await ingestion.createIngestionRun({ ingestionRun: { dataset: ORDERS, source: { path: join(stage.home.directory, file) }, contract, mode: IngestionRun_Mode.APPEND } });
  for await (const { status } of ingestion.watchIngestionRun({ name })) if (status?.error) throw new Error(status.error.message);
}

const table = (page: Page, name: string | RegExp): Locator => page.getByRole('region', { name }).first();
const rowsOf = async (page: Page, name: string | RegExp): Promise<readonly (readonly string[])[]> => table(page, name).locator('tbody tr').evaluateAll((rows) => rows.map((row) => Array.from(row.querySelectorAll('th, td'), (cell) => (cell as unknown as { innerText: string }).innerText)));

describe('a version of a dataset', () => {
  it('accounts for every row that was read, as the API does', async () => {
    const { counts, rows, expectations } = await stage.home.clients.ingestion.getDatasetVersion({ name: `${ORDERS}/versions/1` });
    expect(counts).toMatchObject({ read: 201n, kept: 170n, duplicates: 1n, quarantined: 30n });
    await stage.visit('/data/orders/versions/1', async (page) => {
      const shown = (await rowsOf(page, 'Where every row went: figures')).map(([word = '', amount = '']) => [word, Number(amount)] as const);
      expect(shown).toEqual([['read', 201], ['kept', 170], ['dropped as duplicates', 1], ['quarantined', 30]]);
      expect(shown.slice(1).reduce((sum, [, amount]) => sum + amount, 0)).toBe(shown[0]?.[1]);
      expect(await page.locator('.flow').getAttribute('aria-label')).toBe('201 read: 170 kept, 1 dropped as duplicates, 30 quarantined');
      await expect.poll(() => page.locator('.flow path').count()).toBe(3);
      expect(await page.locator('main').innerText()).toContain('Every row is accounted for. On the way');
      expect(await page.locator('.lead').innerText()).toContain(`holds ${count(rows)} rows of 3 columns`);
      expect((await rowsOf(page, 'Expectations')).map(([name, , broken]) => [name, broken?.split(' ')[0]])).toEqual(expectations.map(({ name, broken }) => [name, count(broken)]));
      expect(await page.locator('main').innerText()).toContain(join(stage.home.directory, 'orders-1.csv'));
    });
  });

  it('saves every figure in full as CSV', () =>
    stage.visit('/data/orders/versions/1', async (page) => {
      expect(await saved(page, 'Save “Where every row went” as CSV')).toBe(`Rows,Count,Share\r\nread,201,1\r\nkept,170,${170 / 201}\r\ndropped as duplicates,1,${1 / 201}\r\nquarantined,30,${30 / 201}\r\n`);
    }));

  it('shows page by page the rows that were set aside, each with its reason and its place', async () => {
    const { quarantinedRows } = await stage.home.clients.ingestion.listQuarantinedRows({ parent: `${ORDERS}/versions/1`, pageSize: 1_000 });
    expect(quarantinedRows.length).toBe(SET_ASIDE);
    await stage.visit('/data/orders/versions/1/rows', async (page) => {
      await table(page, 'Quarantined rows').waitFor();
      expect((await rowsOf(page, 'Quarantined rows')).length).toBe(25);
      await page.getByRole('button', { name: 'Show more rows' }).click();
      await expect.poll(async () => (await rowsOf(page, 'Quarantined rows')).length).toBe(SET_ASIDE);
      const shown = await rowsOf(page, 'Quarantined rows');
      expect(shown.map(([place, why, id]) => [place, why, id])).toEqual(quarantinedRows.map(({ file, row, reasons, cells }) => [`row ${row}\n${file}`, reasons, cells['id']]));
      await expect.poll(() => page.getByRole('button', { name: 'Show more rows' }).count()).toBe(0);
      await page.getByRole('link', { name: /^Duplicates/ }).click();
      await table(page, 'Duplicates').waitFor();
      expect((await rowsOf(page, 'Duplicates')).map((row) => row.slice(0, 3))).toEqual([['row 201\norders-1.csv', 'row 51\norders-1.csv', '50']]);
      await page.getByRole('link', { name: /^Mended cells/ }).click();
      await table(page, 'Mended cells').waitFor();
      const { ledgerEntries } = await stage.home.clients.ingestion.listLedgerEntries({ parent: `${ORDERS}/versions/1`, pageSize: 1_000 });
      expect((await rowsOf(page, 'Mended cells')).map(([, column, found]) => [column, found])).toEqual(ledgerEntries.slice(0, 25).map(({ column, found }) => [column, found]));
    });
  });

  it('shows of a column all that its profile says', async () => {
    const { profile } = await stage.home.clients.ingestion.getDatasetVersion({ name: `${ORDERS}/versions/1` });
    const amount = profile.find(({ column }) => column === 'amount');
    await stage.visit('/data/orders/versions/1/columns/amount', async (page) => {
      const facts = await page.locator('.facts').innerText();
      expect(facts).toContain('1 of 170');
      await expect.poll(() => page.locator('.histogram rect').count()).toBe(amount?.histogram?.counts.filter((bar) => bar > 0n).length);
      await page.getByText('Figures', { exact: true }).click();
      const bars = (await rowsOf(page, /lie where: figures/)).map(([, , rows]) => Number(rows));
      expect(bars).toEqual(amount?.histogram?.counts.map(Number));
      expect((await rowsOf(page, 'Quantiles')).length).toBe(amount?.quantiles.length);
    });
  });

  it('says what moved since another version, as the API compares them', async () => {
    const comparison = await stage.home.clients.ingestion.compareDatasetVersions({ name: `${ORDERS}/versions/1`, other: `${ORDERS}/versions/2` });
    await stage.visit('/data/orders/versions/2/compare', async (page) => {
      await page.getByRole('heading', { name: 'How far each column moved' }).waitFor();
      expect(await page.locator('.lead').innerText()).toContain(`${count(comparison.baseRows)} rows, then ${count(comparison.otherRows)}: ${count(comparison.otherRows - comparison.baseRows)} more.`);
      await page.getByText('Figures', { exact: true }).first().click();
      const shown = (await rowsOf(page, /each column moved: figures/)).map(([column, , psi]) => [column, psi]);
      expect(shown).toEqual(comparison.columns.map(({ column, psi }) => [column, psi?.toFixed(3)]));
      expect(comparison.columns.find(({ column }) => column === 'amount')?.psi).toBeGreaterThan(0.25);
      expect(await page.getByRole('combobox').inputValue()).toBe('1');
    });
    await stage.visit('/data/orders/versions/1/compare', async (page) => expect(await page.locator('.empty').innerText()).toContain('There is no version before'));
  });

  it('names who used it', async () => {
    const { trainingSets: [set] } = await stage.home.clients.features.listTrainingSets({});
    await stage.visit('/data/flights/versions/1', async (page) => {
      await table(page, 'Uses of the version').waitFor();
      await expect.poll(async () => [...new Set((await rowsOf(page, 'Uses of the version')).map(([, what]) => what))].sort()).toEqual(['feature view', 'model version', 'pipeline run', 'training set']);
      expect((await rowsOf(page, 'Uses of the version')).find(([, what]) => what === 'training set')?.[2]).toBe(`took ${count(set?.rows ?? -1n)} rows of it as its spine`);
    });
  });
});

describe('features', () => {
  it('are found by any word of them', () =>
    stage.visit('/features', async (page) => {
      expect((await rowsOf(page, 'Feature views')).map(([view]) => view?.split('\n')[0])).toEqual(['departures']);
      await page.getByRole('searchbox').fill('late mean');
      expect((await rowsOf(page, 'Every feature')).map(([feature, says]) => [feature, says])).toEqual([['late_share', 'mean of late over 7 days']]);
      await page.getByRole('searchbox').fill('gate');
      await page.getByRole('heading', { name: 'Nothing like that' }).waitFor();
      await expect.poll(() => page.getByRole('region', { name: 'Every feature' }).count()).toBe(0);
      await page.getByRole('searchbox').fill('');
    }));

  it('show what they held, filling by filling, and who uses them', async () => {
    const { features } = stage.home.clients;
    const { materializations } = await features.listMaterializations({ filter: 'feature_view=featureViews/departures' });
    const kept = materializations.flatMap(({ profile, standsBefore }) => profile.filter(({ feature }) => feature === 'late_share').map(({ mean, distinct }) => ({ mean, distinct, standsBefore })));
    expect(kept.length).toBe(3);
    await stage.visit('/features/departures', async (page) => {
      await page.getByRole('heading', { name: 'Mean of late_share, by filling' }).waitFor();
      const shown = (await rowsOf(page, 'Mean of late_share, by filling: figures')).map(([, , , distinct, mean]) => [distinct, mean]);
      const newest = kept.toSorted((a, b) => (b.standsBefore?.getTime() ?? 0) - (a.standsBefore?.getTime() ?? 0));
      expect(shown).toEqual(newest.map(({ distinct, mean }) => [count(distinct), String(Number(mean?.toPrecision(4)))]));
      await expect.poll(() => page.locator('.series circle').count()).toBe(kept.length);
      await expect.poll(async () => (await rowsOf(page, 'Users of the view')).map((row) => row.slice(0, 4))).toEqual([['late', 'origin_… all features', 'late 1', 'late']]);
      expect((await rowsOf(page, 'Versions of the view')).map(([version, , changed]) => [version, changed])).toEqual([['1', 'the first']]);
    });
  });

  it('say what a version of a view changed', async () => {
    const { features } = stage.home.clients;
    const { featureViews: [view] } = await features.listFeatureViews({});
    if (!view) return expect.fail();
    const featureView = { ...view, name: 'featureViews/again', etag: '' };
    await features.applyFeatureView({ featureView });
    await features.applyFeatureView({ featureView: { ...featureView, ttl: { seconds: 86_400n, nanos: 0 }, features: [...view.features, ...view.features.map((feature) => ({ ...feature, name: 'share_day', window: { seconds: 86_400n, nanos: 0 } }))] } });
    await stage.visit('/features/again', async (page) => {
      const [newest] = await rowsOf(page, 'Versions of the view');
      expect(newest?.[0]).toBe('2');
      expect(newest?.[2]?.split('\n')).toEqual(['greatest age 30 days → 1 day', 'feature share_day is new: mean of late (1 where delay > 15) over 1 day']);
    });
    await features.deleteFeatureView({ name: featureView.name });
  });

  it('are looked up by key as the online store answers, and say what each is worth', async () => {
    const time = day(LAST_DAY + 1);
    const { features, vectors } = await stage.home.clients.features.getOnlineFeatures({ featureService: 'featureServices/late', keys: [{ values: { origin: { kind: { $case: 'stringValue', value: 'ORD' } } } }], time });
    const value = vectors[0]?.values[0]?.kind?.value;
    expect([features, typeof value]).toEqual([['origin_late_share'], 'number']);
    await stage.visit('/services/late', async (page) => {
      await page.getByLabel('origin').fill('ORD');
      await page.getByLabel('As of (UTC)').fill(time.toISOString().slice(0, 16).replace('T', ' '));
      await page.getByLabel('As of (UTC)').press('Enter');
      await page.locator('.state', { hasText: 'the same' }).waitFor();
      const [row] = await rowsOf(page, 'The vector');
      expect(row?.[0]).toBe('origin_late_share');
      expect(Number(row?.[1])).toBe(Number(Number(value).toPrecision(6)));
      expect(row?.[3]).toBe(`${vectors[0]?.eventTimes[0]?.toISOString().slice(0, 19).replace('T', ' ')} UTC`);
      const link = page.url();
      await page.reload();
      await page.locator('.state', { hasText: 'the same' }).waitFor();
      expect(page.url(), 'what was asked is a link').toBe(link);
      await page.getByLabel('origin').fill('nowhere');
      await page.getByRole('button', { name: 'Look it up' }).click();
      await page.getByText('nothing is known').waitFor();
      await page.getByLabel('As of (UTC)').fill('soon');
      await page.getByRole('button', { name: 'Look it up' }).click();
      expect(await page.getByRole('alert').innerText()).toContain('This is no time.');
    });
  });
});

describe('a prediction', () => {
  it('leads to the source rows of its features, and folding these gives what was served', async () => {
    const { predictions: [logged] } = await stage.home.clients.inference.listPredictions({ parent: 'endpoints/late', pageSize: 1 });
    const id = logged?.record?.id ?? '';
    const served = Number(logged?.record?.inputs[logged.inputs.indexOf('origin_late_share')]?.kind?.value);
    const asked = { featureService: 'featureServices/late', feature: 'origin_late_share', keys: logged?.record?.asked ?? { values: {} }, ...(logged?.record?.eventTime ? { time: logged.record.eventTime } : {}), pageSize: 1_000 };
    const { sourceRows, totalSize } = await stage.home.clients.features.listSourceRows(asked);
    await stage.visit(`/endpoints/late/predictions/${id}`, async (page) => {
      await page.getByText('1 of 1 feature of').waitFor();
      expect((await rowsOf(page, 'Inputs')).find(([input]) => input === 'origin_late_share')?.slice(2)).toEqual(['departures', expect.stringContaining('the same'), `${count(totalSize)} rows`]);
      await expect.poll(() => page.locator('.way h3').allInnerTexts()).toEqual(['Source', 'Training data', 'Model and plan', 'Decision to serve it', 'Answer', 'What really happened']);
      await page.getByRole('region', { name: 'Inputs' }).getByRole('link', { name: `${count(totalSize)} rows` }).click();
      await table(page, 'Source rows').waitFor();
      const more = page.getByRole('button', { name: 'Show more rows' });
      for (let shown = 25; await more.count() > 0; shown += 25) {
        expect((await rowsOf(page, 'Source rows')).length).toBe(shown);
        await more.click();
        await expect.poll(async () => (await rowsOf(page, 'Source rows')).length).toBeGreaterThan(shown);
      }
      const rows = await rowsOf(page, 'Source rows');
      expect(rows.length).toBe(Number(totalSize));
      expect(rows.length).toBeGreaterThan(50);
      const folded = rows.map(([, value]) => Number(value));
      expect(folded.reduce((sum, each) => sum + each, 0) / folded.length, 'the mean of what is shown is what was served').toBe(served);
      expect(rows.map(([place]) => place)).toEqual(sourceRows.map(({ row }) => `row ${count(row)}\nof flights 1`));
      expect(await page.locator('.facts').innerText()).toContain(String(Number(served.toPrecision(6))));
    });
  });

  it('is opened by its id', async () => {
    const { predictions } = await stage.home.clients.inference.listPredictions({ parent: 'endpoints/late', pageSize: 2 });
    const [one = '', other = ''] = predictions.map(({ record }) => record?.id ?? '');
    await stage.visit(`/endpoints/late/predictions/${one}`, async (page) => {
      await page.getByLabel('Its id').fill('nonsense');
      await page.getByRole('button', { name: 'Open it' }).click();
      await page.getByRole('alert').getByText('This is no id of a prediction.').waitFor();
      await page.getByLabel('Its id').fill(` ${other} `);
      await page.getByRole('button', { name: 'Open it' }).click();
      await page.getByRole('heading', { level: 1, name: `Prediction ${other.slice(-8)}` }).waitFor();
      // One row of its window could be known only after the filling that it was served from, and was never pushed: history tells.
      await page.getByText('0 of 1 feature of').waitFor();
      await page.getByText('1 feature not as history says').waitFor();
    });
  });
});

it.each(['/data', '/data/orders', '/data/orders/versions/1/rows', '/data/orders/versions/1/rows/cells', '/data/orders/versions/2/compare/1', '/data/orders/versions/2/columns/amount', '/features', '/features/departures', '/services/late/origin=ORD&%40=2001-02-10'])('fits a phone: %s', (path) => stage.visit(path, async (page) => page.waitForTimeout(700), { screen: PHONE }));

it('shows a new version without being loaded anew', () =>
  stage.visit('/data/orders', async (page) => {
    expect(await page.locator('.lead').innerText()).toContain('Version 2 holds');
    await ingestOrders('orders-3.csv', 1_800);
    await page.locator('.lead', { hasText: 'Version 3 holds' }).waitFor();
  }));
