import type { Sink } from '../terminal.js';
import { LiveLines } from '../text/live-lines.js';

/** From when on waiting is told. */
export const PATIENCE_MS = 2_000;
const TTY_BEAT_MS = 1_000;
const PLAIN_BEAT_MS = 10_000;

/** Says that something goes on: on a TTY in one line that counts, else in a line now and then. */
export class StillAtWork {
  readonly #begin = Date.now();
  readonly #live: LiveLines;
  #timer: NodeJS.Timeout;

  constructor(
    private readonly sink: Sink,
    private readonly what: string,
  ) {
    this.#live = new LiveLines(sink);
    this.#timer = setTimeout(() => this.#tell(), PATIENCE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#live.clear();
  }

  #tell(): void {
    const line = `${this.what} … ${Math.round((Date.now() - this.#begin) / 1_000)} s`;
    if (this.sink.isTTY) this.#live.show([line]);
    else this.sink.write(`${line}\n`);
    this.#timer = setTimeout(() => this.#tell(), this.sink.isTTY ? TTY_BEAT_MS : PLAIN_BEAT_MS);
  }
}
