import { entryUrl } from '@millrace/core';
import { errors } from './errors.js';
import { sqliteError } from './sqlite-fault.js';
import type { StatementResult } from './sqlite-file.js';
import { SharedThread, type Thread } from './thread.js';

/** All databases of a process share one thread: fsyncs of one disk queue up anyway, and a thread costs memory. */
const threads = new SharedThread(entryUrl(import.meta.url, './sqlite.worker.js'), 'millrace-store');

/** One database file in the SQLite thread; all its errors are of the table. */
export class SqliteHandle {
  #thread: Thread | undefined;
  #file: number | undefined;

  constructor(readonly path: string) {}

  /** Opens the file, or throws STORE_UNREADABLE, STORE_CORRUPT, STORE_BUSY or STORE_FULL. */
  async open(): Promise<void> {
    this.#thread ??= threads.borrow();
    try {
      this.#file = await this.#call<number>('open', { path: this.path });
    } catch (error) {
      await this.#return();
      throw error;
    }
  }

  async run(lane: 'write' | 'read', sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.#call('run', { file: this.#opened(), lane, sql, parameters: carry(parameters) });
  }

  async rollback(): Promise<void> {
    await this.#call('rollback', { file: this.#opened() });
  }

  async *stream(lane: 'write' | 'read', sql: string, parameters: readonly unknown[], size: number): AsyncGenerator<{ columns: readonly string[]; rows: readonly (readonly unknown[])[] }> {
    const cursor = await this.#call<number>('stream', { file: this.#opened(), lane, sql, parameters: carry(parameters) });
    try {
      for (;;) {
        const chunk = await this.#call<{ columns: readonly string[]; rows: readonly (readonly unknown[])[] }>('fetch', { cursor, size });
        if (chunk.rows.length > 0) yield chunk;
        if (chunk.rows.length < size) return;
      }
    } finally {
      await this.#call('endStream', { cursor });
    }
  }

  /** Closes the file; the last one to close ends the thread. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    try {
      if (file !== undefined) await this.#call('close', { file });
    } finally {
      await this.#return();
    }
  }

  async #return(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread) await threads.giveBack(thread);
  }

  #opened(): number {
    if (this.#file === undefined) throw errors.STORE_CLOSED({ file: this.path });
    return this.#file;
  }

  #call<T>(method: string, args: unknown): Promise<T> {
    if (!this.#thread) return Promise.reject(errors.STORE_CLOSED({ file: this.path }));
    return this.#thread.call<T>(method, args, { toError: (fault) => sqliteError(this.path, fault) });
  }
}

/** Checks what SQLite would silently change, and cuts views out of larger buffers so that only their bytes are copied. */
function carry(parameters: readonly unknown[]): readonly unknown[] {
  return parameters.map((value, index) => {
    if (typeof value === 'number' && Number.isNaN(value)) throw errors.STORE_BAD_PARAMETER({ index: String(index), kind: 'NaN', mend: 'leave it undefined or write it by canonicalJson.' });
    if (value instanceof Uint8Array) return value.byteLength === value.buffer.byteLength ? value : Uint8Array.from(value);
    if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      throw errors.STORE_BAD_PARAMETER({ index: String(index), kind: 'an object', mend: 'write it by canonicalJson.' });
    }
    return value;
  });
}
