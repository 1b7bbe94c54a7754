import type { Sink } from '../terminal.js';

/** Tells how far a stage is; share 0 to 1 where it is known. */
export type Tell = (note: string, share?: number) => void;

const TELL_MS = 2_000;

/** Runs the stages of the story, tells their progress and keeps their seconds. */
export class Stages {
  readonly seconds: { readonly stage: string; readonly seconds: number }[] = [];
  readonly #began = performance.now();
  #line = '';

  constructor(private readonly out: Sink) {}

  async run<T>(stage: string, work: (tell: Tell) => Promise<T>): Promise<T> {
    const began = performance.now();
    let told = began;
    this.#write(`→ ${stage}`);
    const result = await work((note, share) => {
      if (this.out.isTTY) this.#draw(`  ${share === undefined ? '' : `${Math.round(share * 100)} % `}${note}`);
      else if (performance.now() - told > TELL_MS) {
        told = performance.now();
        this.#write(`  ${share === undefined ? '' : `${Math.round(share * 100)} % `}${note}`);
      }
    });
    const seconds = (performance.now() - began) / 1_000;
    this.seconds.push({ stage, seconds });
    this.#write(`  done in ${seconds.toFixed(1)} s`);
    return result;
  }

  say(line: string): void {
    this.#write(`  ${line}`);
  }

  get total(): number {
    return (performance.now() - this.#began) / 1_000;
  }

  #draw(line: string): void {
    this.#line = line.slice(0, this.out.columns - 1);
    this.out.write(`\r\u001b[2K${this.#line}`);
  }

  #write(line: string): void {
    this.out.write(`${this.#line === '' ? '' : '\r\u001b[2K'}${line}\n`);
    this.#line = '';
  }
}
