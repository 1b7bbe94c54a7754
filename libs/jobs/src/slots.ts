/** A number of places, given out in the order of asking. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly places: number) {}

  /** Waits for a place and gives what frees it; with `now` takes one beyond the number. Undefined when the signal aborts first. */
  async take(signal: AbortSignal, { now = false } = {}): Promise<(() => void) | undefined> {
    if (!now && this.taken >= this.places) {
      const came = await new Promise<boolean>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', leave);
          resolve(true);
        };
        const leave = () => {
          this.waiting.splice(this.waiting.indexOf(go), 1);
          resolve(false);
        };
        if (signal.aborted) return resolve(false);
        this.waiting.push(go);
        signal.addEventListener('abort', leave, { once: true });
      });
      if (!came) return undefined;
    } else this.taken++;
    return once(() => {
      const next = this.taken <= this.places ? this.waiting.shift() : undefined;
      // A place that is handed on stays taken.
      if (next) next();
      else this.taken--;
    });
  }
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) run();
    done = true;
  };
}
