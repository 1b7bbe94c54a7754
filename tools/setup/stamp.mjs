import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Remembers, per step, the fingerprint of what it was last done for; only finished steps are recorded. */
export class Stamp {
  #file;

  constructor(file) {
    this.#file = file;
  }

  /** The fingerprint that a step was last finished with; undefined when it never was, or the file cannot be read. */
  of(step) {
    return this.#read()[step];
  }

  /** Records a finished step, whole or not at all. */
  record(step, fingerprint) {
    const whole = `${this.#file}.${process.pid}`;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(whole, `${JSON.stringify({ ...this.#read(), [step]: fingerprint }, undefined, 2)}\n`);
    renameSync(whole, this.#file);
  }

  /** Forgets a step that is about to change what it made. */
  forget(step) {
    if (this.of(step) !== undefined) this.record(step, undefined);
  }

  #read() {
    try {
      const stamp = JSON.parse(readFileSync(this.#file, 'utf8'));
      return typeof stamp === 'object' && stamp !== null ? stamp : {};
    } catch {
      return {};
    }
  }
}
