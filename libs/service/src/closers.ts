import type { Logger } from 'pino';

/** What was opened, closed in the reverse order; one that fails does not keep the others open. */
export class Closers {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  #closing: Promise<void> | undefined;

  constructor(private readonly log: Logger) {}

  add(name: string, close: () => Promise<void>): void {
    this.#closers.push({ name, close });
  }

  /** Closes everything once, however often it is called. */
  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    for (const { name, close } of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        this.log.error({ err: error, part: name }, 'could not be closed');
      }
    }
  }
}
