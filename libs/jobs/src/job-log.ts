import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '@millrace/core';
import type { LogPart } from './job.js';
import type { JobFiles } from './job-files.js';
import { linesOf } from './log-lines.js';

/** A log beyond this loses its older half. */
const LOG_BYTES = 8 << 20;
const TAIL_BYTES = 8 << 10;
/** Of what was said since the last look at most the newest so much is told. */
const PART_BYTES = 64 << 10;
/** How often is looked while a job has said little, and once it has said more than EARLY_BYTES. */
const LOOK_MS = 500;
const LATE_LOOK_MS = 30_000;
const EARLY_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/** How far the log was told: `base` bytes were cut from its file, everything before `told` is known. */
interface Told {
  readonly log: string;
  readonly base: number;
  readonly told: number;
}

/** What a job says, as it lies in a file that its process appends to: kept within bounds, and told in parts, each once also over restarts of the runner. */
export class JobLog {
  readonly #ended = Promise.withResolvers<'whole' | 'left'>();
  #end: 'whole' | 'left' | undefined;
  #told: Told | undefined;

  constructor(
    private readonly files: Pick<JobFiles, 'log' | 'told'>,
    private readonly redact: (text: string) => string,
  ) {}

  /** Keeps the file within bounds. */
  bound(): void {
    const handle = openSync(this.files.log, 'r+');
    try {
      const { size } = fstatSync(handle);
      if (size <= LOG_BYTES) return;
      const kept = Buffer.alloc(LOG_BYTES / 2);
      const bytes = readSync(handle, kept, 0, kept.length, size - kept.length);
      ftruncateSync(handle, 0);
      writeSync(handle, kept, 0, bytes, 0);
      const { log, base, told } = this.#state();
      this.#keep({ log, base: base + size - bytes, told });
    } finally {
      closeSync(handle);
    }
  }

  /** Says that nothing is added any more: `whole` where the job has ended, `left` where another runner goes on with it. */
  end(how: 'whole' | 'left'): void {
    this.#end = how;
    this.#ended.resolve(how);
  }

  /** What the job has said and nobody was told, part after part until it ends. A part counts as told when the next one is asked for. */
  async *parts(): AsyncGenerator<LogPart> {
    for (;;) {
      const end = this.#end;
      if (end === 'left') return;
      const next = this.#next(end === 'whole');
      if (next) {
        if (next.part.lines.length > 0) yield next.part;
        // What the runner has cut meanwhile has moved the base.
        this.#keep({ ...this.#state(), told: next.until });
      }
      if (end !== undefined && !next) return;
      if (end === undefined) await Promise.race([this.#ended.promise, sleep(this.#state().told < EARLY_BYTES ? LOOK_MS : LATE_LOOK_MS, undefined, { ref: false })]);
    }
  }

  /** What comes after what was told; the last line may lack its end only where the job has. */
  #next(ended: boolean): { readonly part: LogPart; readonly until: number } | undefined {
    if (!existsSync(this.files.log)) return undefined;
    const { log, base, told } = this.#state();
    const handle = openSync(this.files.log, 'r');
    try {
      const { size } = fstatSync(handle);
      const from = Math.max(told - base, 0);
      if (size <= from) return undefined;
      const start = Math.max(from, size - PART_BYTES);
      const bytes = Buffer.alloc(size - start);
      const read = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, start));
      const whole = ended || read.length === PART_BYTES ? read.length : read.lastIndexOf(NEWLINE) + 1;
      // Where something is left out, the rest of a line that was cut is too.
      const skipped = start + base > told ? read.indexOf(NEWLINE) + 1 : 0;
      if (whole === 0) return undefined;
      const left = start + base + skipped - told;
      return { part: { log, lines: linesOf(read.subarray(skipped, whole), { position: start + base + skipped, left, redact: this.redact, now: new Date() }) }, until: start + base + whole };
    } finally {
      closeSync(handle);
    }
  }

  #state(): Told {
    this.#told ??= existsSync(this.files.told) ? (JSON.parse(readFileSync(this.files.told, 'utf8')) as Told) : { log: uuidv7(), base: 0, told: 0 };
    return this.#told;
  }

  #keep(told: Told): void {
    this.#told = told;
    const temporary = `${this.files.told}.tmp`;
    writeFileSync(temporary, JSON.stringify(told), { mode: 0o600 });
    renameSync(temporary, this.files.told);
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
