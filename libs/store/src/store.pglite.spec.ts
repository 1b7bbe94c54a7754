import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import { type Migrations, openStore, type Store } from './index.js';
import { Mutex } from './mutex.js';
import { openPglite, PgliteDialect } from './pglite-dialect.fixture.js';
import { leasesSuite } from './leases.suite.js';
import { storeSuite } from './store.suite.js';

let pg: PGlite;
const turn = new Mutex();

beforeAll(async () => {
  pg = await openPglite();
}, 60_000);
afterAll(() => pg.close());

const open = <Tables>(place: string, migrations: Migrations): Promise<Store<Tables>> => openStore<Tables>({ dialect: new PgliteDialect(pg, turn, place), name: place, migrations });

storeSuite('a store in PostgreSQL', open);
leasesSuite('leases in PostgreSQL', open);
