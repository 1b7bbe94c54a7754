import type { Sink } from '../terminal.js';
import { cut } from './width.js';

const CLEAR_BELOW = '\u001b[0J';

/** Lines at the end of a TTY that are drawn again in place. */
export class LiveLines {
  readonly #sink: Sink;
  #shown = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Shows these lines where the last ones stood; each is plain text, cut to the width before `paint` sees it. */
  show(lines: readonly string[], paint: (line: string) => string = (line) => line): void {
    const width = this.#sink.columns - 1;
    this.#sink.write(`${this.#rewind()}${lines.map((line) => `${paint(cut(line, width))}\n`).join('')}`);
    this.#shown = lines.length;
  }

  /** Takes the lines away. */
  clear(): void {
    if (this.#shown > 0) this.#sink.write(this.#rewind());
    this.#shown = 0;
  }

  #rewind(): string {
    return this.#shown === 0 ? '' : `\u001b[${this.#shown}A\r${CLEAR_BELOW}`;
  }
}
