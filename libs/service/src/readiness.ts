/** Something that a process cannot do its work without; rejects, or stays silent, when it is away. */
export type Probe = () => Promise<unknown>;

/** How a process watches what it needs. */
export interface ReadinessOptions {
  readonly everyMs?: number;
  /** Who does not answer for so long is away. */
  readonly patienceMs?: number;
  readonly onChange?: (faults: readonly string[]) => void;
}

const EVERY_MS = 2_000;
const PATIENCE_MS = 4_000;

/** Asks again and again whether everything that a process needs is there: who asks whether the process is ready hears at once what it waits for. */
export class Readiness {
  readonly #faults = new Map<string, string>();
  readonly #asked = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #patienceMs: number;
  readonly #onChange: NonNullable<ReadinessOptions['onChange']>;

  constructor(
    private readonly probes: Readonly<Record<string, Probe>>,
    { everyMs = EVERY_MS, patienceMs = PATIENCE_MS, onChange = () => undefined }: ReadinessOptions = {},
  ) {
    this.#patienceMs = patienceMs;
    this.#onChange = onChange;
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
    this.#look();
  }

  /** What is away, and why; empty when nothing is. */
  get faults(): readonly string[] {
    return [...this.#faults].map(([name, why]) => `${name}: ${why}`);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Each is asked once at a time: one that hangs is not asked again before it has answered. */
  #look(): void {
    for (const [name, probe] of Object.entries(this.probes)) {
      const since = this.#asked.get(name);
      if (since !== undefined) {
        if (performance.now() - since > this.#patienceMs) this.#set(name, `does not answer within ${this.#patienceMs / 1_000} s`);
        continue;
      }
      this.#asked.set(name, performance.now());
      void probe()
        .then(() => this.#set(name, undefined), (error: unknown) => this.#set(name, error instanceof Error ? error.message : String(error)))
        .finally(() => this.#asked.delete(name));
    }
  }

  #set(name: string, why: string | undefined): void {
    const known = this.#faults.has(name);
    if (why === undefined) this.#faults.delete(name);
    else this.#faults.set(name, why);
    if (known !== (why !== undefined)) this.#onChange(this.faults);
  }
}
