import type { Progress } from './job.js';

/** How many reports a slow reader may lag behind before it misses some. */
const BACKLOG = 256;

/** Hands the reports of one job to any number of readers. */
export class ProgressFeed {
  private last: Progress | undefined;
  private ended = false;
  private readonly readers = new Set<{ backlog: Progress[]; wake: () => void }>();

  push(progress: Progress): void {
    this.last = progress;
    for (const reader of this.readers) {
      reader.backlog.push(progress);
      if (reader.backlog.length > BACKLOG) reader.backlog.shift();
      reader.wake();
    }
  }

  end(): void {
    this.ended = true;
    for (const reader of this.readers) reader.wake();
  }

  async *read(): AsyncIterable<Progress> {
    const reader = { backlog: this.last ? [this.last] : [], wake: () => {} };
    this.readers.add(reader);
    try {
      for (;;) {
        const next = reader.backlog.shift();
        if (next) yield next;
        else if (this.ended) return;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      this.readers.delete(reader);
    }
  }
}
