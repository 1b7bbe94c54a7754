import { afterAll, beforeAll, expect, it } from 'vitest';
import { historyTable } from '../offline/history.fixture.js';
import { openFileOnline, openOnlineHome, valuesOf } from './online.fixture.js';
import { onlineSuite } from './online.suite.js';
import { PRESENT, row, SECOND, viewOf } from './online-view.fixture.js';

onlineSuite('online features in memory and a file', openFileOnline);

let home: Awaited<ReturnType<typeof openOnlineHome>>;
beforeAll(async () => void (home = await openOnlineHome()));
afterAll(() => home.close());

it('keeps a snapshot every 400 pushes, reads only what came since, and knows repeated requests from before it', async () => {
  const view = viewOf();
  const online = await home.open();
  for (let i = 0; i < 405; i++) await online.push([view], historyTable([row(i * SECOND, i, { wait: undefined })]), `snap ${i}`);
  await online.push([view], historyTable([]), 'an empty table');
  const now = 406 * SECOND;
  const wanted = await valuesOf(online, view, 'a', now);
  expect(wanted[0]).toEqual(PRESENT(360n));
  const kept = await home.store.db.selectFrom('online_state').select('through').where('view', '=', view.view).executeTakeFirstOrThrow();
  const since = await home.store.db.selectFrom('online_push').select('sequence').where('view', '=', view.view).where('sequence', '>', kept.through).execute();
  expect(since).toHaveLength(6);
  const restarted = await home.open();
  expect(await valuesOf(restarted, view, 'a', now)).toEqual(wanted);
  expect(await restarted.push([view], historyTable([row(400 * SECOND, 1)]), 'snap 3')).toBe(false);
  expect(await valuesOf(restarted, view, 'a', now)).toEqual(wanted);
});
