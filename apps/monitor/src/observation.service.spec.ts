import { uuidv7 } from '@millrace/core';
import { openStore } from '@millrace/store';
import { expect, it } from 'vitest';
import { migrations, type MonitorTables } from './migrations.js';
import { MonitorStore } from './monitor.store.js';
import { ObservationService } from './observation.service.js';
import type { References } from './references.js';
import { ReportWindowStore } from './report-window.store.js';

it('forgets predictions that were answered before a time, and labels that waited in vain, and nothing else', async () => {
  const store = await openStore<MonitorTables>({ file: ':memory:', migrations });
  const observations = new ObservationService(store, new MonitorStore(store), new ReportWindowStore(store), {} as References, () => new Date());
  const bound = new Date(Date.now() + 60_000);
  // Ids never go back: the old ones are made first.
  const [old, early] = [Array.from({ length: 1_200 }, () => uuidv7()), uuidv7()];
  const [young, late] = [[uuidv7(bound.getTime())], uuidv7(bound.getTime())];
  const observation = (id: string) => ({ id, modelVersion: 'models/m/versions/1', eventTime: 0, score: 0.5, inputs: () => undefined });
  await observations.predictions('event-1', 'endpoints/e', [...old, ...young].map(observation));
  await observations.labels('event-2', 'endpoints/e', [early, late].map((id) => ({ id, value: 1, knownTime: 0 })));
  expect(await observations.forgetBefore(bound)).toBe(1_200);
  expect(await store.db.selectFrom('observed').select('id').execute()).toEqual(young.map((id) => ({ id })));
  expect(await store.db.selectFrom('waiting_label').select('id').execute()).toEqual([{ id: late }]);
  await store.close();
});
