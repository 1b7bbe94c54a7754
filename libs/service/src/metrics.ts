import type { Observer } from '@millrace/rpc';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const BYTES_A_KB = 1024;

/** What a process counts of itself. */
export class Metrics {
  readonly registry = new Registry();
  readonly #calls: Histogram;
  readonly #events: Counter;
  readonly #deadLetters: Counter;
  readonly #outbox: Gauge;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    new Gauge({ name: 'millrace_process_peak_memory_bytes', help: 'The largest resident memory of this process so far.', registers, collect() { this.set(process.resourceUsage().maxRSS * BYTES_A_KB); } });
    this.#calls = new Histogram({ name: 'millrace_rpc_server_duration_seconds', help: 'How long served calls took.', labelNames: ['service', 'method', 'transport', 'code'], buckets: SECONDS, registers });
    this.#events = new Counter({ name: 'millrace_events_handled_total', help: 'Events that a group has tried to handle.', labelNames: ['group', 'type', 'outcome'], registers });
    this.#deadLetters = new Counter({ name: 'millrace_dead_letters_total', help: 'Events that could not be handled.', labelNames: ['group', 'topic'], registers });
    this.#outbox = new Gauge({ name: 'millrace_outbox_records', help: 'Events that wait for the bus.', labelNames: ['service'], registers });
  }

  /** Measures the calls that this process serves. */
  readonly observer: Observer = {
    begin: ({ service, method, side, transport }) => {
      const began = performance.now();
      return {
        run: (work) => work(),
        end: (error) => {
          if (side === 'server') this.#calls.observe({ service, method, transport, code: error?.code ?? 'OK' }, (performance.now() - began) / 1_000);
        },
      };
    },
  };

  handled(group: string, type: string, outcome: 'done' | 'failed'): void {
    this.#events.inc({ group, type, outcome });
  }

  deadLetter(group: string, topic: string): void {
    this.#deadLetters.inc({ group, topic });
  }

  outbox(service: string, records: number): void {
    this.#outbox.set({ service }, records);
  }
}
