import { NoSignals, type Signals } from '@millrace/store';
import type { JobProgress } from './job-status.js';

const CHANGED = 'changed';
const PROGRESS = 'progress';
/** Whoever changes a resource may die before it tells: a watcher looks again after so long. */
export const LOOK_AGAIN_MS = 5_000;
/** Progress of so much work is held; beyond that the oldest is forgotten. */
const MAX_HELD = 1_000;
/** What other processes are told of a step or a note. */
const TOLD_CHARACTERS = 500;

/** Tells those who watch a resource that it changed, in every process that shares the store. What it is now stands in the store; this only wakes them, and holds how far running work has come. */
export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #counts = new Map<string, number>();
  readonly #progress = new Map<string, JobProgress>();

  constructor(private readonly signals: Signals = new NoSignals()) {
    signals.listen(CHANGED, {
      heard: (name) => this.#wake(name),
      missed: () => [...this.#waiting.keys()].forEach((name) => this.#wake(name)),
    });
    signals.listen(PROGRESS, { heard: (message) => this.#hear(message), missed: () => undefined });
  }

  /** Wakes everyone who watches `name`. */
  notify(name: string): void {
    this.#wake(name);
    this.signals.send(CHANGED, name);
  }

  /** Tells how far the work behind `name`, or a part of it, has come; wakes everyone who watches `name`. */
  report(name: string, progress: JobProgress, part = ''): void {
    this.#hold(name, part, progress);
    const { step, note, ...figures } = progress;
    this.signals.send(PROGRESS, JSON.stringify({ name, part, ...figures, step: step.slice(0, TOLD_CHARACTERS), note: note.slice(0, TOLD_CHARACTERS) }));
  }

  /** What was last told, here or by the process that works; old work may be forgotten. */
  progress(name: string, part = ''): JobProgress | undefined {
    return this.#progress.get(keyOf(name, part));
  }

  /** Forgets how far work is that has ended. */
  forget(name: string, part = ''): void {
    this.#progress.delete(keyOf(name, part));
  }

  /** Gives what `read` says now, after each change and now and then, until it is `final` or the signal aborts. Changes while the reader is busy count as one. */
  async *watch<T>(name: string, read: () => Promise<T>, { final, signal }: { final: (value: T) => boolean; signal: AbortSignal }): AsyncGenerator<T> {
    let wake: () => void = () => undefined;
    const waiter = (): void => wake();
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(waiter));
    signal.addEventListener('abort', waiter);
    try {
      while (!signal.aborted) {
        const seen = this.#counts.get(name) ?? 0;
        const value = await read();
        yield value;
        if (final(value)) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_AGAIN_MS).unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (signal.aborted || (this.#counts.get(name) ?? 0) !== seen) wake();
        });
      }
    } finally {
      signal.removeEventListener('abort', waiter);
      waiting.delete(waiter);
      if (waiting.size === 0) {
        this.#waiting.delete(name);
        this.#counts.delete(name);
      }
    }
  }

  #wake(name: string): void {
    const waiting = this.#waiting.get(name);
    if (!waiting) return;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    for (const wake of waiting) wake();
  }

  #hear(message: string): void {
    const { name, part, updateTime, ...told } = JSON.parse(message) as Omit<JobProgress, 'updateTime'> & { readonly name: string; readonly part: string; readonly updateTime: string };
    this.#hold(name, part, { ...told, updateTime: new Date(updateTime) });
  }

  #hold(name: string, part: string, progress: JobProgress): void {
    const key = keyOf(name, part);
    this.#progress.delete(key);
    this.#progress.set(key, progress);
    const [oldest] = this.#progress.keys();
    if (this.#progress.size > MAX_HELD && oldest !== undefined) this.#progress.delete(oldest);
    this.#wake(name);
  }
}

const keyOf = (name: string, part: string): string => `${name}#${part}`;
