/** Lets lanes do one thing at a time each and so many side by side; whoever has waited longest comes next, so that a busy lane starves none. */
export class Turns<Lane> {
  readonly #waiting = new Set<Lane>();
  readonly #running = new Map<Lane, Promise<void>>();
  #stopped = false;

  /** `work` does one turn of a lane and never rejects; `wants` says whether a lane has more to do. */
  constructor(
    private readonly limit: number,
    private readonly work: (lane: Lane) => Promise<void>,
    private readonly wants: (lane: Lane) => boolean,
  ) {}

  /** A lane may have something to do. */
  offer(lane: Lane): void {
    if (this.#stopped || this.#running.has(lane) || !this.wants(lane)) return;
    this.#waiting.add(lane);
    this.#startNext();
  }

  /** Resolves when no turn of the lane is under way. */
  async over(lane: Lane): Promise<void> {
    await this.#running.get(lane);
  }

  /** Starts no turn any more; resolves when those under way are over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  #startNext(): void {
    for (const lane of this.#waiting) {
      if (this.#running.size >= this.limit) return;
      this.#waiting.delete(lane);
      const turn = this.work(lane).finally(() => {
        this.#running.delete(lane);
        this.offer(lane);
        this.#startNext();
      });
      this.#running.set(lane, turn);
    }
  }
}
