import { errors } from './errors.js';
import type { Sampling } from './kinds/sample.js';
import { placeOf } from './plan.js';
import { type Dialect, DUCKDB } from './sql-dialect.js';
import { allotted } from './strata.js';

/** More strata than this are no strata. */
export const MAX_STRATA = 10_000;

/** Rows to draw from. */
export interface RowTable {
  /** What stands after FROM: a quoted name or a query in parentheses. */
  readonly relation: string;
  /** A column with a different whole number in each row; it tells apart only rows that are equal in all else. */
  readonly order: string;
  /** All other columns. */
  readonly columns: readonly string[];
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What was drawn, from how many, and how. */
export interface SampleRecord {
  readonly step: string;
  readonly by: Sampling['by'];
  readonly columns: readonly string[];
  readonly of: Sampling['of'];
  readonly seed: number;
  readonly rowsBefore: number;
  readonly rows: number;
  /** Of "cluster": groups before and after. */
  readonly groups?: readonly [before: number, after: number];
  /** Of "stratified": each stratum with its rows before and after, by its text. */
  readonly strata?: readonly { readonly stratum: string; readonly rowsBefore: number; readonly rows: number }[];
}

export interface DrawnRows {
  /** The rows that are drawn, with all columns: a query in parentheses. */
  readonly relation: string;
  readonly record: SampleRecord;
}

/**
 * Draws rows by the hash of what identifies them: a row's draw is a number in [0, 1) from the seed and its cells, and the lowest draws are taken (bottom-k,
 * which is a reservoir of any order). So the same rows are drawn on any number of threads, in any order of the rows, by any engine that spells cells alike.
 * `place` counts the samplings of a plan, so that two of one seed draw apart.
 */
export async function drawRows(table: RowTable, sampling: Sampling, { place, dialect = DUCKDB }: { readonly place: number; readonly dialect?: Dialect }): Promise<DrawnRows> {
  const drawn = await DRAWS[sampling.by](new Drawing(table, sampling, { place, dialect }));
  const [rowsBefore, rows] = [await countOf(table, table.relation), await countOf(table, drawn.relation)];
  if (rows === 0) throw errors.SAMPLE_EMPTY({ place: placeOf({ id: sampling.step, kind: 'sample' }), rows: String(rowsBefore) });
  const { step, by, columns, of, seed } = sampling;
  return { relation: drawn.relation, record: { step, by, columns, of, seed, rowsBefore, rows, ...drawn.told } };
}

/** What one way of drawing says beside the rows. */
interface Draw {
  readonly relation: string;
  readonly told?: Pick<SampleRecord, 'groups' | 'strata'>;
}

/** The SQL of one sampling. */
class Drawing {
  readonly order: string;

  constructor(
    readonly table: RowTable,
    readonly sampling: Sampling,
    private readonly by: { readonly place: number; readonly dialect: Dialect },
  ) {
    this.order = this.dialect.identifier(table.order);
  }

  get dialect(): Dialect {
    return this.by.dialect;
  }

  /** Cells as one text. */
  text(columns: readonly string[]): string {
    return columns.map((column) => this.dialect.cellText(this.dialect.identifier(column))).join(" || ',' || ");
  }

  draw(text: string): string {
    return this.dialect.draw(`sample ${this.by.place}:${this.sampling.seed}:`, text);
  }

  get identity(): readonly string[] {
    return this.sampling.identity.length > 0 ? this.sampling.identity : this.table.columns;
  }

  /** Every row's number with its draw, and what decides between equal draws: all its cells, then its number. */
  draws(extra = ''): string {
    return `(SELECT ${this.order} AS o, ${this.draw(this.text(this.identity))} AS u, ${this.text(this.table.columns)} AS t${extra} FROM ${this.table.relation})`;
  }

  rowsWhere(condition: string): string {
    return `(SELECT * FROM ${this.table.relation} WHERE ${condition})`;
  }
}

const DRAWS: Readonly<Record<Sampling['by'], (drawing: Drawing) => Promise<Draw>>> = {
  random: async (drawing) => ({ relation: drawing.rowsWhere(`${drawing.draw(drawing.text(drawing.identity))} < ${drawing.dialect.double(drawing.sampling.share ?? 1)}`) }),
  reservoir: async (drawing) => ({ relation: drawing.rowsWhere(`${drawing.order} IN (SELECT o FROM ${drawing.draws()} ORDER BY u, t, o LIMIT ${drawing.sampling.count ?? 0})`) }),
  stratified,
  cluster,
};

async function stratified(drawing: Drawing): Promise<Draw> {
  const { table, sampling, dialect } = drawing;
  const stratum = drawing.text(sampling.columns);
  const found = await table.query(`SELECT s, count(*) AS n FROM (SELECT ${stratum} AS s FROM ${table.relation}) GROUP BY s ORDER BY s LIMIT ${MAX_STRATA + 1}`);
  if (found.length > MAX_STRATA) throw errors.SAMPLE_TOO_MANY_STRATA({ place: placeOf({ id: sampling.step, kind: 'sample' }), limit: String(MAX_STRATA) });
  const sizes = found.map((row) => ({ stratum: String(row['s']), rowsBefore: Number(row['n']) }));
  const all = sizes.reduce((sum, { rowsBefore }) => sum + rowsBefore, 0);
  const strata = allotted(sizes, sampling.count ?? Math.round((sampling.share ?? 1) * all));
  const quotas = dialect.table(strata.map((each) => each.stratum), [strata.map(({ rows }) => rows)]);
  const ranked = `SELECT o, s, row_number() OVER (PARTITION BY s ORDER BY u, t, o) AS r FROM ${drawing.draws(`, ${stratum} AS s`)}`;
  return { relation: drawing.rowsWhere(`${drawing.order} IN (SELECT o FROM (${ranked}) AS d JOIN ${quotas} AS q ON d.s = q."k" WHERE d.r <= q."v0")`), told: { strata } };
}

async function cluster(drawing: Drawing): Promise<Draw> {
  const { table, sampling, dialect } = drawing;
  const group = drawing.text(sampling.columns);
  const groups = `(SELECT DISTINCT ${group} AS g FROM ${table.relation})`;
  const relation = sampling.count === undefined ? drawing.rowsWhere(`${drawing.draw(group)} < ${dialect.double(sampling.share ?? 1)}`) : drawing.rowsWhere(`${group} IN (SELECT g FROM ${groups} ORDER BY ${drawing.draw('g')}, g LIMIT ${sampling.count})`);
  return { relation, told: { groups: [await countOf(table, groups), await countOf(table, `(SELECT DISTINCT ${group} AS g FROM ${relation})`)] } };
}

async function countOf(table: RowTable, relation: string): Promise<number> {
  const [row = {}] = await table.query(`SELECT count(*) AS n FROM ${relation}`);
  return Number(row['n']);
}
