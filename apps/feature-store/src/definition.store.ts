import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { isSqlite, type MigrationDb, type Store } from '@millrace/store';
import { sql, type Transaction } from 'kysely';
import type { EndpointUseTables } from './endpoint-use.store.js';
import type { ViewVersionTables } from './view-version.store.js';

/** What is declared by name and may be declared again: entities, views, services. */
export type DefinitionKind = 'entity' | 'view' | 'service';

/** A definition as it is kept. */
export interface Kept<Body> {
  readonly body: Body;
  readonly createTime: Date;
  readonly revision: number;
}

/** A definition with its name. */
export type Named<Body> = Kept<Body> & { readonly name: string };

export interface DefinitionTables extends ViewVersionTables, EndpointUseTables {
  definition: { kind: string; name: string; body: string; create_time: Date; revision: number };
}

/** What goes with a definition that is applied. */
export interface ApplyParts {
  readonly now: Date;
  /** Throws where the kept revision, or that there is none, is not what the caller knows. */
  readonly check: (revision: number | undefined) => void;
  /** Keeps more in the same transaction. */
  readonly also?: (tx: Transaction<DefinitionTables>) => Promise<void>;
}

/** Where the definitions of one kind are kept. */
export class DefinitionStore<Body> {
  constructor(
    private readonly store: Store<DefinitionTables>,
    private readonly kind: DefinitionKind,
  ) {}

  /** Keeps a definition, and with it what `also` keeps, unless `check` throws; one that says what is kept already changes nothing. */
  async apply(name: string, body: Body, { now, check, also = async () => undefined }: ApplyParts): Promise<Kept<Body>> {
    const text = canonicalJson(body);
    await this.store.write(async (tx) => {
      await takeTurn(tx);
      const before = await tx.selectFrom('definition').select('revision').where('kind', '=', this.kind).where('name', '=', name).executeTakeFirst();
      check(before?.revision);
      await tx
        .insertInto('definition')
        .values({ kind: this.kind, name, body: text, create_time: now, revision: 1 })
        .onConflict((conflict) =>
          conflict
            .columns(['kind', 'name'])
            .doUpdateSet(({ ref, eb }) => ({ body: text, revision: eb(ref('definition.revision'), '+', 1) }))
            .where('definition.body', '!=', text),
        )
        .execute();
      await also(tx);
    });
    const kept = await this.find(name);
    if (!kept) throw new Error(`The ${this.kind} ${name} was kept and is not there.`);
    return kept;
  }

  /** Deletes a definition unless `check` throws; false when there is none. */
  async delete(name: string, check: (tx: Transaction<DefinitionTables>, revision: number) => Promise<void>): Promise<boolean> {
    return this.store.write(async (tx) => {
      await takeTurn(tx);
      const row = await tx.selectFrom('definition').select('revision').where('kind', '=', this.kind).where('name', '=', name).executeTakeFirst();
      if (!row) return false;
      await check(tx, row.revision);
      await tx.deleteFrom('definition').where('kind', '=', this.kind).where('name', '=', name).execute();
      return true;
    });
  }

  /** Throws what `check` throws; false when there is no such definition. */
  async check(name: string, check: (tx: Transaction<DefinitionTables>, revision: number) => Promise<void>): Promise<boolean> {
    return this.store.write(async (tx) => {
      const row = await tx.selectFrom('definition').select('revision').where('kind', '=', this.kind).where('name', '=', name).executeTakeFirst();
      if (row) await check(tx, row.revision);
      return row !== undefined;
    });
  }

  /** All of the kind as a transaction sees them. */
  async allIn(tx: Transaction<DefinitionTables>): Promise<readonly Body[]> {
    const rows = await tx.selectFrom('definition').select('body').where('kind', '=', this.kind).orderBy('name').execute();
    return rows.map(({ body }) => parseCanonicalJson(body) as Body);
  }

  async find(name: string): Promise<Kept<Body> | undefined> {
    const row = await this.store.db.selectFrom('definition').selectAll().where('kind', '=', this.kind).where('name', '=', name).executeTakeFirst();
    return row && { body: parseCanonicalJson(row.body) as Body, createTime: row.create_time, revision: row.revision };
  }

  /** Those that are accepted by name, one more than the page holds. */
  async list(page: PageRequest, accepts: (kept: Named<Body>) => boolean = () => true): Promise<readonly Named<Body>[]> {
    const found: Named<Body>[] = [];
    for (let after = page.after ?? ''; ; ) {
      const rows = await this.store.db.selectFrom('definition').selectAll().where('kind', '=', this.kind).where('name', '>', after).orderBy('name').limit(page.size + 1).execute();
      for (const { name, body, create_time, revision } of rows) {
        const kept = { name, body: parseCanonicalJson(body) as Body, createTime: create_time, revision };
        if (accepts(kept)) found.push(kept);
      }
      const last = rows.at(-1);
      if (found.length > page.size || rows.length <= page.size || last === undefined) return found.slice(0, page.size + 1);
      after = last.name;
    }
  }
}

/** Definitions are changed one after another: one must not be deleted while another comes to refer to it. */
async function takeTurn(tx: Transaction<DefinitionTables>): Promise<void> {
  if (isSqlite(tx as unknown as MigrationDb)) return;
  await sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || ' definitions', 4))`.execute(tx);
}
