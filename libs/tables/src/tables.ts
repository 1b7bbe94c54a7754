import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type DuckDBMaterializedResult, DuckDBTimestampValue, type DuckDBType, type DuckDBValue, BIGINT, DOUBLE } from '@duckdb/node-api';
import type { Cell, Schema } from '@millrace/core';
import type { Digest, ObjectRef, ObjectStore } from '@millrace/objects';
import { realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type ColumnData, columnSink } from './column-sink.js';
import { toColumnType } from './column-type.js';
import { cancelled, translate } from './duckdb-errors.js';
import { errors } from './errors.js';
import { type Matrix, matrixSink } from './matrix-sink.js';
import { literally, text } from './quote.js';
import { rawVector } from './raw-vector.js';
import { makeSpill } from './spill.js';
import { engine } from './table-dialect.js';
import { type ColumnInput, loadTable } from './table-load.js';

/** How a session is opened. */
export interface TablesOptions {
  /** Where Parquet objects are read from and written to. */
  readonly objects?: ObjectStore;
  /** Bounds DuckDB's buffers, such as `1GB`; the process takes up to some 500 MB more. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** Bounds what spills to the disk, such as `64GB`; without it DuckDB takes up to nine tenths of what is free. */
  readonly spillLimit?: string;
  /** Where a large query may spill; cleared when the session closes. */
  readonly tempDir?: string;
  /** Further directories and files that SQL may read and write; the object store and the spill directory always are. */
  readonly allow?: readonly string[];
}

/** What goes with each query. */
export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** Called some ten times a second with the share that is done, 0 to 1, as far as DuckDB knows it: for some queries it is never called. */
  readonly onProgress?: (share: number) => void;
}

export type Param = Cell | null;
export type Params = readonly Param[] | Readonly<Record<string, Param>>;

/** A Parquet object that was written. */
export interface WrittenParquet {
  readonly ref: ObjectRef;
  readonly rows: number;
  readonly bytes: number;
}

const DEFAULT_MEMORY = '1GB';
const DEFAULT_THREADS = 2;
const DEFAULT_ROW_GROUP = 122_880;
const PROGRESS_MS = 100;
const INTERRUPT_MS = 20;
/** Chunks (of 2048 rows) to extract before others get their turn on the event loop. */
const CHUNKS_A_TURN = 16;

/** Opens a session of its own DuckDB instance in memory: UTC, no extension is ever fetched, SQL reaches only the allowed directories. */
export async function openTables({ objects, memoryLimit = DEFAULT_MEMORY, threads = DEFAULT_THREADS, spillLimit, tempDir, allow = [] }: TablesOptions = {}): Promise<Tables> {
  const spill = await makeSpill(tempDir ?? tmpdir());
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    // DuckDB plans writing differently for one thread, and the bytes differ with it. So it always plans for two or more,
    // and a session of one thread counts the calling thread as the second.
    threads: String(Math.max(threads, 2)),
    external_threads: threads < 2 ? '2' : '1',
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  const real = await Promise.all([spill, ...(objects ? [objects.directory] : []), ...allow].map((path) => realpath(path).catch(() => path)));
  // Both as a path is and as a query writes it.
  const allowed = [...new Set([...real, ...real.map(literally)])];
  for (const sql of [
    "set timezone = 'UTC'",
    'set enable_progress_bar = true',
    'set enable_progress_bar_print = false',
    // Looking at once, DuckDB often takes a source that is not yet open for one without progress, and never looks again.
    'set progress_bar_time = 300',
    `set allowed_directories = [${allowed.map((path) => text(path)).join(', ')}]`,
    `set allowed_paths = [${allowed.map((path) => text(path)).join(', ')}]`,
    ...(spillLimit === undefined ? [] : [`set max_temp_directory_size = ${text(spillLimit)}`]),
    'set enable_external_access = false',
    'set lock_configuration = true',
  ]) {
    await connection.run(sql);
  }
  return new Tables({ instance, connection, objects, memoryLimit, spill });
}

/** A query, with its text for messages. */
type Task = QueryOptions & { readonly sql?: string };

interface Parts {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly objects: ObjectStore | undefined;
  readonly memoryLimit: string;
  readonly spill: string;
}

/** One DuckDB session: its calls run one after another, its temporary tables live until it closes. */
export class Tables {
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly parts: Parts) {}

  /** Runs statements; gives the number of rows that the last one changed. */
  async run(sql: string, { params, ...options }: QueryOptions & { readonly params?: Params } = {}): Promise<number> {
    return this.exclusive({ ...options, sql }, async (connection) => (await connection.run(sql, ...bound(params))).rowsChanged);
  }

  /** The rows as objects: bigint for BIGINT and wider, number for narrower integers and floats, Date (to the millisecond) for timestamps, undefined for NULL. */
  async rows<Row = Record<string, Cell>>(sql: string, params?: Params, options: QueryOptions = {}): Promise<Row[]> {
    return this.exclusive({ ...options, sql }, async (connection) => {
      const reader = await connection.runAndReadAll(sql, ...bound(params));
      const rows = reader.getRowObjectsJS() as Record<string, unknown>[];
      for (const row of rows) for (const key in row) if (row[key] === null) row[key] = undefined;
      return rows as Row[];
    });
  }

  /** The result column by column in typed arrays, some 50 million cells a second. */
  async columns(sql: string, options: QueryOptions & { readonly params?: Params } = {}): Promise<readonly ColumnData[]> {
    return this.exclusive({ ...options, sql }, async (connection) => {
      const result = await connection.run(sql, ...bound(options.params));
      const sinks = result.deduplicatedColumnNames().map((name, index) => columnSink(name, result.columnType(index), result.rowCount));
      await eachChunk(result, options.signal, (chunk, from) => {
        for (const [index, sink] of sinks.entries()) sink.append(rawVector(chunk, index), from, chunk.rowCount);
      });
      return sinks.map((sink) => sink.finish());
    });
  }

  /** The result as one row-major Float32Array; all columns are numeric, NULL becomes NaN. */
  async matrix(sql: string, options: QueryOptions & { readonly params?: Params } = {}): Promise<Matrix> {
    return this.exclusive({ ...options, sql }, async (connection) => {
      const result = await connection.run(sql, ...bound(options.params));
      const sink = matrixSink(result.columnNames().map((name, index) => ({ name, type: result.columnType(index) })), result.rowCount);
      await eachChunk(result, options.signal, (chunk, from) => sink.append(chunk, from));
      return sink.finish();
    });
  }

  /** Makes (or replaces) the temporary table `name` from columns, as `columns` gives them; gives the number of rows. */
  async load(name: string, columns: readonly ColumnInput[], options: QueryOptions = {}): Promise<number> {
    return this.exclusive(options, (connection) => loadTable(connection, name, columns));
  }

  /** The schema of a query's result, without running it; TYPE_UNSUPPORTED names a column that no column type takes. */
  async describe(sql: string): Promise<Schema> {
    return (await this.types(sql)).map(({ name, type }) => {
      const known = toColumnType(type);
      if (known === undefined) throw errors.TYPE_UNSUPPORTED({ column: name, type, use: 'a schema', types: 'BOOLEAN, BIGINT, DOUBLE, VARCHAR, TIMESTAMP' });
      return { name, type: known, nullable: true };
    });
  }

  /** The names of a query's columns with their DuckDB types, without running it. */
  async types(sql: string): Promise<readonly { readonly name: string; readonly type: string }[]> {
    return this.exclusive({ sql }, async (connection) => {
      const prepared = await connection.prepare(sql);
      try {
        return Array.from({ length: prepared.columnCount }, (_, index) => ({ name: prepared.columnName(index), type: prepared.columnType(index).toString() }));
      } finally {
        prepared.destroySync();
      }
    });
  }

  /**
   * Writes a query's rows as a Parquet object (zstd). The same rows give the same bytes, whatever the number of threads and the memory:
   * a query that reads in order, or ends with ORDER BY, keeps its order (let its key be unique); any other (joins, groups, windows) is sorted by all columns.
   */
  async writeParquet(sql: string, { rowGroupSize = DEFAULT_ROW_GROUP, ...options }: QueryOptions & { readonly rowGroupSize?: number } = {}): Promise<WrittenParquet> {
    const objects = this.objects('write Parquet');
    const file = await objects.temporaryFile('.parquet');
    try {
      const rows = await this.exclusive({ ...options, sql }, async (connection) => {
        const query = sql.replace(/[;\s]+$/, '');
        const copy = (rows: string) => `copy (${rows}\n) to ${text(file)} (format parquet, compression zstd, row_group_size ${Math.trunc(rowGroupSize)})`;
        const plan = JSON.stringify((await connection.runAndReadAll(`explain ${copy(query)}`)).getRowsJS());
        // DuckDB writes in batches exactly where it can tell the order of the rows; elsewhere threads write as they come.
        const sure = plan.includes('BATCH_COPY_TO_FILE') ? query : `select * from (${query}\n) order by all`;
        const [count] = (await connection.runAndReadAll(copy(sure))).getRowsJS();
        return Number(count?.[0]);
      });
      const ref = await objects.put({ file, move: true }, options.signal ? { signal: options.signal } : {});
      return { ref, rows, bytes: ref.size };
    } finally {
      await rm(file, { force: true });
    }
  }

  /** SQL that reads the Parquet objects as one table, in the order given; every object's digest is verified first. */
  async scan(refs: ObjectRef | Digest | readonly (ObjectRef | Digest)[]): Promise<string> {
    const objects = this.objects('read objects');
    const list = Array.isArray(refs) ? (refs as readonly (ObjectRef | Digest)[]) : [refs as ObjectRef | Digest];
    const files: string[] = [];
    for (const ref of list) files.push(await objects.file(typeof ref === 'string' ? ref : ref.digest));
    return engine.parquet(files);
  }

  /** Ends the session; a running query is interrupted first. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const { connection, instance, spill } = this.parts;
    const nudge = setInterval(() => connection.interrupt(), INTERRUPT_MS);
    connection.interrupt();
    await this.last;
    clearInterval(nudge);
    connection.closeSync();
    instance.closeSync();
    await rm(spill, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private objects(use: string): ObjectStore {
    if (!this.parts.objects) throw errors.NO_OBJECTS({ use });
    return this.parts.objects;
  }

  /** Waits for its turn, so that an interrupt hits the query it is meant for. */
  private async exclusive<T>(options: Task, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.closed) throw errors.CLOSED({});
    const turn = this.last.then(() => this.perform(options, work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async perform<T>({ signal, onProgress, sql }: Task, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.closed) throw errors.CLOSED({});
    if (signal?.aborted) throw cancelled(signal);
    const { connection, memoryLimit } = this.parts;
    // An interrupt before the query has begun is forgotten, so it is repeated.
    let nudge: NodeJS.Timeout | undefined;
    const onAbort = () => {
      connection.interrupt();
      nudge = setInterval(() => connection.interrupt(), INTERRUPT_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const poll = onProgress && setInterval(() => report(connection, onProgress), PROGRESS_MS);
    try {
      return await work(connection);
    } catch (error) {
      throw translate(error, { memoryLimit, signal, sql });
    } finally {
      clearInterval(poll);
      clearInterval(nudge);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

/**
 * Walks a whole result. It is never a streamed one: where a streamed query fails half-way, its client reports the end of the rows and no error.
 */
async function eachChunk(result: DuckDBMaterializedResult, signal: AbortSignal | undefined, visit: (chunk: DuckDBDataChunk, from: number) => void): Promise<void> {
  let from = 0;
  for (let index = 0; index < result.chunkCount; index++) {
    const chunk = result.getChunk(index);
    visit(chunk, from);
    from += chunk.rowCount;
    if (index % CHUNKS_A_TURN !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw cancelled(signal);
  }
}

function report(connection: DuckDBConnection, onProgress: (share: number) => void): void {
  const { percentage } = connection.progress;
  if (percentage >= 0) onProgress(Math.min(percentage / 100, 1));
}

type Bound = [values?: DuckDBValue[] | Record<string, DuckDBValue>, types?: DuckDBType[] | Record<string, DuckDBType | undefined>];

function bound(params: Params | undefined): Bound {
  if (params === undefined) return [];
  if (Array.isArray(params)) return [params.map(toValue), params.map(toType) as DuckDBType[]];
  const entries = Object.entries(params);
  return [Object.fromEntries(entries.map(([key, value]) => [key, toValue(value)])), Object.fromEntries(entries.map(([key, value]) => [key, toType(value)]))];
}

const toValue = (value: Param): DuckDBValue => (value instanceof Date ? new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n) : (value ?? null));

/** The client would bind a bigint as HUGEINT, which a BIGINT column is then converted to row by row, and -0 as the integer 0. */
function toType(value: Param): DuckDBType | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? BIGINT : undefined;
  return Object.is(value, -0) ? DOUBLE : undefined;
}
