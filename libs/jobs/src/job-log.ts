import { ftruncateSync, closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** A log beyond this loses its older half. */
const LOG_BYTES = 8 << 20;
const TAIL_BYTES = 8 << 10;

/** Keeps a log that its process still appends to within bounds. */
export function boundLog(path: string): void {
  const handle = openSync(path, 'r+');
  try {
    const { size } = fstatSync(handle);
    if (size <= LOG_BYTES) return;
    const kept = Buffer.alloc(LOG_BYTES / 2);
    const bytes = readSync(handle, kept, 0, kept.length, size - kept.length);
    ftruncateSync(handle, 0);
    writeSync(handle, kept, 0, bytes, 0);
  } finally {
    closeSync(handle);
  }
}

/** The end of a log. */
export function logTail(path: string): string {
  const handle = openSync(path, 'a+');
  try {
    const { size } = fstatSync(handle);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(handle, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8');
  } finally {
    closeSync(handle);
  }
}
