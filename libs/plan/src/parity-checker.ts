import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ColumnType, Schema } from '@millrace/core';
import { OnnxGraph } from '@millrace/onnx';
import * as ort from 'onnxruntime-node';
import type { F32, F64 } from './expression.js';
import { type FeedRow, feedRows, type FeedTensor, feedTensors, inputLayout, type PackedInputs, rowCell } from './input-layout.js';
import { type Evaluator, renderJs } from './js-renderer.js';
import { renderOnnx } from './onnx-renderer.js';
import { DUCKDB, type Dialect } from './sql-dialect.js';
import { renderSql } from './sql-renderer.js';

/** A value on which the renderings differ, bit by bit (NULL and NaN are both missing). */
export interface Difference {
  readonly output: string;
  readonly row: FeedRow;
  readonly sql: number;
  readonly batch: number;
  readonly single: number;
  readonly js: number;
}

export interface Question {
  readonly schema: Schema;
  readonly rows: readonly FeedRow[];
  readonly outputs: readonly { readonly name: string; readonly node: F32 | F64 }[];
  /** Stand-ins, to prove that a wrong rendering is found. */
  readonly dialect?: Dialect;
  readonly evaluator?: Evaluator;
}

const SQL_TYPE: Readonly<Record<ColumnType, string>> = { BOOL: 'BOOLEAN', INT64: 'BIGINT', FLOAT64: 'DOUBLE', STRING: 'VARCHAR', TIMESTAMP: 'TIMESTAMP' };

const ROW = '__parity_row';

/** Compares DuckDB, ONNX Runtime on a batch and on single rows, and JavaScript. Specs use it; the product does not. */
export class ParityChecker {
  private constructor(readonly connection: DuckDBConnection) {}

  static async open(threads = 2): Promise<ParityChecker> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`SET threads = ${threads}`);
    await connection.run("SET TimeZone = 'UTC'");
    return new ParityChecker(connection);
  }

  close(): void {
    this.connection.closeSync();
  }

  /** Puts rows into a table with a column that counts them. */
  async load(table: string, schema: Schema, rows: readonly FeedRow[], order = 'id'): Promise<void> {
    await this.connection.run(`CREATE OR REPLACE TABLE ${table} (${order} BIGINT${schema.map(({ name, type }) => `, ${DUCKDB.identifier(name)} ${type === 'TIMESTAMP' ? 'BIGINT' : SQL_TYPE[type]}`).join('')})`);
    const appender = await this.connection.createAppender(table);
    rows.forEach((row, i) => {
      appender.appendBigInt(BigInt(i));
      for (const column of schema) {
        const value = rowCell(row, column, i);
        if (value === undefined) appender.appendNull();
        else if (column.type === 'BOOL') appender.appendBoolean(value === 1);
        else if (typeof value === 'number') appender.appendDouble(value);
        else if (typeof value === 'bigint') appender.appendBigInt(value);
        else appender.appendVarchar(value);
      }
      appender.endRow();
    });
    appender.closeSync();
    const times = schema.filter(({ type }) => type === 'TIMESTAMP').map(({ name }) => DUCKDB.identifier(name));
    if (times.length > 0) await this.connection.run(`CREATE OR REPLACE TABLE ${table} AS SELECT * REPLACE (${times.map((name) => `make_timestamp(${name}) AS ${name}`).join(', ')}) FROM ${table}`);
  }

  query = async (sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> => (await this.connection.runAndReadAll(sql)).getRowObjects();

  /** All values on which not all renderings have the same bits. */
  async differences(question: Question): Promise<readonly Difference[]> {
    const { rows, outputs } = question;
    const [sql, onnx, js] = [await this.sql(question), await this.onnx(question), this.js(question)];
    const found: Difference[] = [];
    rows.forEach((row, i) =>
      outputs.forEach(({ name }, k) => {
        const at = i * outputs.length + k;
        const values = { sql: sql[at] ?? Number.NaN, batch: onnx.batch[at] ?? Number.NaN, single: onnx.single[at] ?? Number.NaN, js: js[at] ?? Number.NaN };
        if (!Object.values(values).every((value) => Object.is(value, values.js))) found.push({ output: name, row, ...values });
      }),
    );
    return found;
  }

  /** What ONNX Runtime gives for all rows at once, row by row. */
  async batch(question: Question): Promise<readonly number[]> {
    return Array.from((await this.onnx({ ...question, singles: false })).batch);
  }

  private async sql({ schema, rows, outputs, dialect = DUCKDB }: Question): Promise<readonly number[]> {
    await this.load('parity', schema, rows, ROW);
    const columns = outputs.map(({ node }, i) => ({ name: `o${i}`, node }));
    const result = await this.query(`SELECT * FROM (${renderSql(columns, { relation: 'parity', tail: [ROW], dialect })}) ORDER BY ${ROW}`);
    return result.flatMap((row) => columns.map(({ name }) => Number(row[name] ?? Number.NaN)));
  }

  private async onnx({ schema, rows, outputs, singles = true }: Question & { readonly singles?: boolean }): Promise<{ readonly batch: ArrayLike<number>; readonly single: readonly number[] }> {
    const layout = inputLayout(schema);
    const graph = new OnnxGraph();
    const nodes = outputs.map(({ node }) => node);
    const features = nodes.filter((node) => node.type === 'f32');
    const value = renderOnnx(features.length > 0 ? features : nodes.filter((node) => node.type === 'f64'), layout, graph);
    graph.output('y', features.length > 0 ? 'float' : 'double', ['N', outputs.length], value);
    const session = await ort.InferenceSession.create(graph.bytes(), { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
    const run = async (packed: PackedInputs) => {
      const needed = feedTensors(layout, packed).filter(({ name }) => session.inputNames.includes(name));
      return (await session.run(Object.fromEntries(needed.map((feed) => [feed.name, toTensor(feed)]))))['y']?.data as Float64Array;
    };
    const batch = await run(feedRows(layout, rows));
    const single: number[] = [];
    for (const row of singles ? rows : []) single.push(...(await run(feedRows(layout, [row]))));
    await session.release();
    return { batch, single };
  }

  private js({ schema, rows, outputs, evaluator = renderJs(outputs.map(({ node }) => node)) }: Question): readonly number[] {
    const columns = new Map(schema.map((column) => [column.name, column]));
    return rows.flatMap((row, i) => {
      const read = (name: string) => {
        const column = columns.get(name);
        return column && rowCell(row, column, i);
      };
      return Array.from(evaluator(read));
    });
  }
}

function toTensor(feed: FeedTensor): ort.Tensor {
  switch (feed.type) {
    case 'float64':
      return new ort.Tensor(feed.type, feed.data, feed.dims);
    case 'int64':
      return new ort.Tensor(feed.type, feed.data, feed.dims);
    case 'string':
      return new ort.Tensor(feed.type, [...feed.data], feed.dims);
  }
}
