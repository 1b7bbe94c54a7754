import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Migrations, openStore, type Store } from './index.js';
import { storeSuite } from './store.suite.js';

const root = mkdtempSync(join(tmpdir(), 'millrace-store-'));
afterAll(() => rm(root, { recursive: true }));

storeSuite('a store in a SQLite file', <Tables>(place: string, migrations: Migrations): Promise<Store<Tables>> => openStore<Tables>({ file: join(root, 'new', `${place}.db`), migrations }));
