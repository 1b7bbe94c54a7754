import { openStore } from '@millrace/store';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExperimentStore } from './experiment.store.js';
import { MetricCurveStore } from './metric-curve.store.js';
import { metricCurveSuite } from './metric-curve.suite.js';
import { migrations, type RegistryTables } from './migrations.js';
import { RegistryHome } from './registry-home.fixture.js';

metricCurveSuite('in a file', () => RegistryHome.start());

describe('points that an earlier release has kept', () => {
  it('are drawn and read as new ones are', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-registry-'));
    const file = join(directory, 'registry.db');
    const former = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0004'));
    const old = await openStore<RegistryTables>({ file, migrations: former });
    const rows = Array.from({ length: 400 }, (_, i) => ({ run: 'r', key: i % 2 === 0 ? 'loss' : 'auc', step: 200 - i / 2, seq: 20_000 + i, value: i === 100 ? null : i === 102 ? Infinity : i, time: i }));
    await old.db.insertInto('metric_point').values(rows).execute();
    await old.close();
    const store = await openStore<RegistryTables>({ file, migrations });
    const { points, total, nonFinite } = await new MetricCurveStore(store).find('r', { key: 'loss', maxPoints: 200, from: undefined, to: undefined });
    expect([total, nonFinite]).toEqual([200, 2]);
    expect(points).toEqual(rows.filter(({ key }) => key === 'loss').map(({ key, step, value, time }) => ({ key, step, value: value ?? Number.NaN, time })).reverse());
    expect((await new ExperimentStore(store).pointsAfter('r', { key: '', after: 20_100, size: 3 })).map(({ seq, value }) => [seq, value])).toEqual([[20_101, 101], [20_102, Infinity], [20_103, 103]]);
    await store.close();
    await rm(directory, { recursive: true });
  });
});
