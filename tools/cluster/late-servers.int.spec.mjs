import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { KINDS } from '../servers/kinds.mjs';
import { freePorts } from '../servers/port.mjs';
import { openServer } from '../servers/server.mjs';
import { serviceKind } from './service-kind.mjs';

/** Long enough for a start to find that nobody answers. */
const ALONE_MS = 4_000;

it('a service that is started before its database waits for it', async () => {
  const dir = mkdtempSync(join(process.env['MILLRACE_TEST_SERVERS'] ?? '', 'late-'));
  const postgres = openServer(KINDS.postgres, { dir });
  postgres.reserve(await freePorts(1));
  const registry = openServer(serviceKind('registry', () => ({ MILLRACE_DATABASE_URL: postgres.url })), { dir });
  const ready = registry.start();
  ready.catch(() => undefined);
  await sleep(ALONE_MS);
  expect(registry.status().map(({ alive }) => alive)).toEqual([true]);
  await postgres.start();
  await ready;
  expect((await registry.health()).map(({ trouble }) => trouble)).toEqual([undefined]);
  await Promise.all([registry.wipe(), postgres.wipe()]);
});
