import type { ObjectStore } from '@millrace/objects';
import { drawRows, type FitTable, type FittedPlan, type Plan, type RowTable, type SampleRecord, type Sampling, samplings, toLeftOutSql, toSql } from '@millrace/plan';
import { type ColumnData, engine, ident, openTables, type Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import { isDrawn } from '../split.js';
import type { LeftOut } from '../training-job.js';
import type { TrainingSpec } from '../training-spec.js';
import { groupSql, type Part, sideSql } from './side-sql.js';

/** What the tables of a job may use. */
export interface DataLimits {
  readonly memoryLimit: string;
  readonly threads: number;
}

/** Numbers its rows, so that sums and samples do not depend on threads. */
const ROW = '__millrace_row';
const TABLES: Record<Part, string> = { training: 'training_rows', evaluation: 'evaluation_rows' };

/** The rows of a training set in their two splits; a row without a target is in neither. */
export class TrainingData {
  readonly #samples: SampleRecord[] = [];
  /** Results that are kept as tables, by their query. */
  readonly #found = new Map<string, Promise<string>>();

  private constructor(
    private readonly tables: Tables,
    private readonly spec: TrainingSpec,
    private readonly signal: AbortSignal,
  ) {}

  /** Reads the splits, of which the plan may draw a sample; throws where one is empty, or where the target is not 0 and 1 in both. */
  static async open(spec: TrainingSpec, { plan, objects, limits, signal }: { readonly plan: Plan; readonly objects: ObjectStore; readonly limits: DataLimits; readonly signal: AbortSignal }): Promise<TrainingData> {
    const tables = await openTables({ objects, ...limits });
    const data = new TrainingData(tables, spec, signal);
    try {
      await data.#read(samplings(plan));
      return data;
    } catch (error) {
      await tables.close();
      throw error;
    }
  }

  /** What the plan's samples drew, in their order. */
  get samples(): readonly SampleRecord[] {
    return this.#samples;
  }

  /** What plans are fitted on: the training rows only. */
  get fitTable(): FitTable {
    return { relation: TABLES.training, order: ROW, target: this.spec.target, query: (sql) => this.tables.rows(sql, [], { signal: this.signal }), keep: (sql) => this.#keep(sql) };
  }

  /** The features of the training rows to train on, row by row, NaN where missing; rows that the plan leaves out are not there. */
  async features(fitted: FittedPlan): Promise<{ readonly features: Float32Array; readonly rows: number; readonly target: Uint8Array }> {
    const sql = `SELECT ${engine.allBut([ROW])} FROM (${toSql(fitted, TABLES.training, { tail: [ROW], trainingOrder: ROW })}) ORDER BY ${ROW}`;
    const { data, rows } = await this.tables.matrix(sql, { signal: this.signal });
    const target = await this.#target(await this.#kept(fitted));
    checkClasses(target, 'training split that the plan leaves');
    return { features: data, rows, target };
  }

  /** What each rule of a plan leaves out of training: a row counts for the first rule that it meets. */
  async leftOut(fitted: FittedPlan): Promise<readonly LeftOut[]> {
    const left = this.#leftOutSql(fitted);
    if (!left) return [];
    const options = { signal: this.signal };
    const rulesOfRows = await this.#keep(left.sql);
    const found: LeftOut[] = [];
    for (const [i, { step, column, aside }] of left.rules.entries()) {
      const mine = `SELECT ${ROW} FROM ${rulesOfRows} WHERE rule = ${i}`;
      const [count] = await this.tables.rows<{ rows: bigint }>(`SELECT count(*) AS rows FROM (${mine})`, [], options);
      const rows = Number(count?.rows ?? 0n);
      const kept = aside && rows > 0 ? await this.tables.writeParquet(`SELECT ${engine.allBut([ROW])} FROM ${TABLES.training} WHERE ${ROW} IN (${mine}) ORDER BY ${ROW}`, options) : undefined;
      found.push({ step, column, rows, ...(kept && { quarantine: { digest: kept.ref.digest, size: kept.ref.size, rows: kept.rows } }) });
    }
    return found;
  }

  /** The target of each row: 0 or 1. */
  async target(part: Part): Promise<Uint8Array> {
    return this.#target(TABLES[part]);
  }

  /** What rows share so much that they are no witnesses of their own: the group of a split by group, else the day, counted from 1970. */
  async blocks(part: Part): Promise<Int32Array> {
    const { split, eventTime } = this.spec;
    const block = isDrawn(split) && split.by === 'group' ? `dense_rank() OVER (ORDER BY ${groupSql(split.column)})` : engine.idiv(engine.micros(ident(eventTime)), '86400000000');
    const [column] = await this.tables.columns(`SELECT CAST(${block} AS INTEGER) AS block FROM ${TABLES[part]} ORDER BY ${ROW}`, { signal: this.signal });
    return Int32Array.from(column?.values as Int32Array);
  }

  /** Columns as they are, in the order of the rows. */
  async columns(part: Part, names: readonly string[]): Promise<readonly ColumnData[]> {
    if (names.length === 0) return [];
    return this.tables.columns(`SELECT ${names.map(ident).join(', ')} FROM ${TABLES[part]} ORDER BY ${ROW}`, { signal: this.signal });
  }

  /** Texts of a column for slices; a missing one is ''. */
  async texts(part: Part, name: string): Promise<readonly string[]> {
    const [column] = await this.tables.columns(`SELECT coalesce(${engine.text(ident(name))}, '') AS value FROM ${TABLES[part]} ORDER BY ${ROW}`, { signal: this.signal });
    return column?.values as readonly string[];
  }

  /** One row of figures about the training rows that a plan leaves. */
  async figures(expressions: readonly string[], fitted: FittedPlan): Promise<readonly unknown[]> {
    const [row] = await this.tables.rows<Record<string, unknown>>(`SELECT ${expressions.map((expression, i) => `${expression} AS c${i}`).join(', ')} FROM ${await this.#kept(fitted)}`, [], { signal: this.signal });
    return expressions.map((_, i) => row?.[`c${i}`]);
  }

  /** The values of a text column in the training rows that a plan leaves, sorted, at most `most` and one. */
  async values(name: string, { most, fitted }: { readonly most: number; readonly fitted: FittedPlan }): Promise<readonly string[]> {
    const rows = await this.tables.rows<{ value: string }>(`SELECT DISTINCT ${ident(name)} AS value FROM ${await this.#kept(fitted)} WHERE value IS NOT NULL ORDER BY value LIMIT ${most + 1}`, [], { signal: this.signal });
    return rows.map(({ value }) => value);
  }

  /** Keeps evaluation rows with their scores as a Parquet object: at most `most`, drawn by hash. */
  async keepSample(inputs: readonly string[], { scores, most }: { readonly scores: Float64Array; readonly most: number }) {
    await this.tables.run('DROP TABLE IF EXISTS scores');
    await this.tables.load('scores', [{ name: 'score', values: scores, type: 'FLOAT64' }, { name: 'place', values: Float64Array.from(scores, (_, i) => i), type: 'FLOAT64' }]);
    const rows = `SELECT ${inputs.map(ident).join(', ')}, CAST(row_number() OVER (ORDER BY ${ROW}) - 1 AS DOUBLE) AS place FROM ${TABLES.evaluation}`;
    const sql = `SELECT ${[...inputs.map((name) => `r.${ident(name)}`), 's.score'].join(', ')} FROM (${rows}) r JOIN scores s ON r.place = s.place WHERE r.place IN (SELECT place FROM scores ORDER BY ${engine.hash(['place', String(this.spec.seed)])}, place LIMIT ${most}) ORDER BY r.place`;
    const { ref, rows: kept } = await this.tables.writeParquet(sql, { signal: this.signal });
    return { digest: ref.digest, size: ref.size, rows: kept };
  }

  close(): Promise<void> {
    return this.tables.close();
  }

  /** The training rows that a plan leaves, to stand after FROM. */
  async #kept(fitted: FittedPlan): Promise<string> {
    const left = this.#leftOutSql(fitted);
    return left ? `(SELECT * FROM ${TABLES.training} WHERE ${ROW} IN (SELECT ${ROW} FROM ${await this.#keep(left.sql)} WHERE rule IS NULL))` : TABLES.training;
  }

  #leftOutSql(fitted: FittedPlan) {
    return toLeftOutSql(fitted, TABLES.training, { tail: [ROW], trainingOrder: ROW });
  }

  #keep(sql: string): Promise<string> {
    const name = `found_${this.#found.size}`;
    const found = this.#found.get(sql) ?? this.tables.run(`CREATE TABLE ${name} AS ${sql}`, { signal: this.signal }).then(() => name);
    this.#found.set(sql, found);
    return found;
  }

  async #target(relation: string): Promise<Uint8Array> {
    const [column] = await this.tables.columns(`SELECT ${engine.bit(ident(this.spec.target))} AS target FROM ${relation} ORDER BY ${ROW}`, { signal: this.signal });
    return Uint8Array.from((column?.values ?? []) as Uint8Array);
  }

  async #read(steps: readonly Sampling[]): Promise<void> {
    const { spec } = this;
    const source = await this.tables.scan(spec.objects);
    const sides: Readonly<Record<Part, string>> = { training: sideSql(spec, 'training'), evaluation: sideSql(spec, 'evaluation') };
    const numbered = (side: string) => `(SELECT *, row_number() OVER () AS ${ROW} FROM ${source} WHERE ${side} AND ${ident(spec.target)} IS NOT NULL)`;
    const all = steps.some(({ of }) => of === 'all') ? await this.#drawn(numbered(`((${sides.training}) OR (${sides.evaluation}))`), steps, 'all') : undefined;
    const rowsOf = (part: Part) => (all === undefined ? numbered(sides[part]) : `(SELECT * FROM ${all} WHERE ${sides[part]})`);
    await this.#split('training', { source, rows: await this.#drawn(rowsOf('training'), steps, 'training') });
    await this.#split('evaluation', { source, rows: rowsOf('evaluation') });
  }

  /** The rows of a relation that are left once the samples of all rows, or those of the training rows, are drawn. */
  async #drawn(rows: string, steps: readonly Sampling[], of: Sampling['of']): Promise<string> {
    const { schema } = this.spec;
    const table: Omit<RowTable, 'relation'> = { order: ROW, columns: schema.map(({ name }) => name), query: (sql) => this.tables.rows(sql, [], { signal: this.signal }) };
    let relation = rows;
    for (const [place, sampling] of steps.entries()) {
      if (sampling.of !== of) continue;
      const drawn = await drawRows({ ...table, relation }, sampling, { place });
      relation = drawn.relation;
      this.#samples.push(drawn.record);
    }
    return relation;
  }

  async #split(part: Part, { source, rows }: { readonly source: string; readonly rows: string }): Promise<void> {
    const { target, eventTime, seed, maxTrainingRows } = this.spec;
    const options = { signal: this.signal };
    const time = ident(eventTime);
    const most = part === 'training' ? maxTrainingRows : 0;
    const drawn = most === 0 ? `SELECT * FROM ${rows}` : `SELECT * FROM (SELECT * FROM ${rows} ORDER BY ${engine.hash([ROW, String(seed)])}, ${ROW} LIMIT ${most})`;
    await this.tables.run(`CREATE TABLE ${TABLES[part]} AS ${drawn} ORDER BY ${ROW}`, options);
    const value = `CAST(${ident(target)} AS DOUBLE)`;
    const [counts] = await this.tables.rows<{ rows: bigint; ones: bigint; odd: bigint; example: number | undefined }>(
      `SELECT count(*) AS rows, count(*) FILTER (${value} = 1) AS ones, count(*) FILTER (${value} NOT IN (0, 1)) AS odd, min(${value}) FILTER (${value} NOT IN (0, 1)) AS example FROM ${TABLES[part]}`,
      [],
      options,
    );
    if (!counts || counts.rows === 0n) {
      const [range] = await this.tables.rows<{ first: Date | undefined; last: Date | undefined }>(`SELECT min(${time}) AS first, max(${time}) AS last FROM ${source}`, [], options);
      const { split } = this.spec;
      if (isDrawn(split)) throw errors.SPLIT_EMPTY({ part, by: split.by, share: String(split.share), seed: String(split.seed) });
      const [from, to] = part === 'training' ? [split.trainFrom, split.trainTo] : [split.evaluateFrom, split.evaluateTo];
      throw errors.NO_ROWS({ part, from: iso(from), to: iso(to), first: range?.first?.toISOString() ?? 'nothing', last: range?.last?.toISOString() ?? 'nothing' });
    }
    if (counts.odd > 0n) throw errors.TARGET_NOT_BINARY({ column: target, rows: String(counts.odd), example: String(counts.example) });
    if (counts.ones === 0n || counts.ones === counts.rows) throw errors.ONE_CLASS({ rows: String(counts.rows), part, value: counts.ones === 0n ? '0' : '1' });
  }
}

/** Refuses rows that a model cannot learn from. */
function checkClasses(target: Uint8Array, part: string): void {
  const ones = target.reduce((sum, value) => sum + value, 0);
  if (target.length === 0) throw errors.ROWS_LEFT_OUT({ part });
  if (ones === 0 || ones === target.length) throw errors.ONE_CLASS({ rows: String(target.length), part, value: ones === 0 ? '0' : '1' });
}

const iso = (micros: bigint): string => new Date(Number(micros / 1000n)).toISOString();
