import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { migrations } from '../../migrations.js';
import { historyTable } from '../../offline/history.fixture.js';
import { openFileOnline, openOnlineHome, valuesOf } from '../online.fixture.js';
import type { OnlineService } from '../online.service.js';
import { MINUTE, row, SECOND, viewOf } from '../online-view.fixture.js';
import { onlineSuite } from '../online.suite.js';
import { newPrefix, openIn, sharedRedis } from './redis-home.fixture.js';

const prefix = newPrefix();

onlineSuite('online features in Redis', (over) => openIn(sharedRedis(), { prefix }).open(over));

it('has no value that only the other side knows: a view is materialised once after the move, there and back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-move-'));
  const place = { file: join(dir, 'store.sqlite'), migrations };
  const [inMemory, inRedis] = [await openOnlineHome(openFileOnline, place), await openOnlineHome(openIn(sharedRedis()).open, place)];
  const view = viewOf();
  const [first, second] = [await inMemory.open(), await inRedis.open()];
  await inMemory.fill(first, view, { rows: [row(0, 1), row(SECOND, 2)], knownBefore: 2 * SECOND });
  const counts = async (online: OnlineService): Promise<unknown> => (await valuesOf(online, view, 'a', MINUTE))[0]?.value;
  expect(await counts(first)).toBe(2n);
  await second.push([view], historyTable([row(3 * SECOND, 4)]), '');
  expect(await counts(second)).toBeUndefined();
  await inRedis.fill(second, view, { rows: [row(0, 1), row(SECOND, 2)], knownBefore: 2 * SECOND });
  expect(await counts(second)).toBe(3n);
  const back = await inMemory.open();
  await back.push([view], historyTable([row(4 * SECOND, 4)]), '');
  expect(await counts(back)).toBeUndefined();
  await inMemory.fill(back, view, { rows: [row(0, 1), row(SECOND, 2)], knownBefore: 2 * SECOND });
  expect(await counts(back)).toBe(4n);
  await Promise.all([inMemory.close(), inRedis.close()]);
  rmSync(dir, { recursive: true, force: true });
});
