import type { Observer } from '@millrace/rpc';
import type { OutboxLag } from '@millrace/store';
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
  readonly #leases = new Map<string, { readonly held: number; readonly takeovers: number }>();
  readonly #outboxAge: Gauge;
  readonly #watched = new Map<string, () => ReadonlyMap<string, number>>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    new Gauge({ name: 'millrace_process_peak_memory_bytes', help: 'The largest resident memory of this process so far.', registers, collect() { this.set(process.resourceUsage().maxRSS * BYTES_A_KB); } });
    this.#calls = new Histogram({ name: 'millrace_rpc_server_duration_seconds', help: 'How long served calls took.', labelNames: ['service', 'method', 'transport', 'code'], buckets: SECONDS, registers });
    this.#events = new Counter({ name: 'millrace_events_handled_total', help: 'Events that a group has tried to handle.', labelNames: ['group', 'type', 'outcome'], registers });
    this.#deadLetters = new Counter({ name: 'millrace_dead_letters_total', help: 'Events that could not be handled.', labelNames: ['group', 'topic'], registers });
    const leases = this.#leases;
    new Gauge({
      name: 'millrace_leases_held',
      help: 'Work that this process alone may do among those that share a store.',
      labelNames: ['service'],
      registers,
      collect() {
        for (const [service, { held }] of leases) this.set({ service }, held);
      },
    });
    new Counter({
      name: 'millrace_lease_takeovers_total',
      help: 'Work that this process has taken over from one that died or fell silent.',
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const [service, { takeovers }] of leases) this.inc({ service }, takeovers);
      },
    });
    this.#outbox = new Gauge({ name: 'millrace_outbox_records', help: 'Events that wait for the bus.', labelNames: ['service'], registers });
    this.#outboxAge = new Gauge({ name: 'millrace_outbox_oldest_seconds', help: 'How long the oldest event has waited for the bus.', labelNames: ['service'], registers });
    const watched = this.#watched;
    new Gauge({
      name: 'millrace_consumer_lag_records',
      help: 'Events that a group has not handled yet, of the partitions that this process has.',
      labelNames: ['group', 'topic'],
      registers,
      collect() {
        for (const [group, lags] of watched) for (const [topic, records] of lags()) this.set({ group, topic }, records);
      },
    });
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

  /** Reads the leases of a service whenever somebody asks for figures. */
  watchLeases(service: string, leases: { readonly held: number; readonly takeovers: number }): void {
    this.#leases.set(service, leases);
  }

  handled(group: string, type: string, outcome: 'done' | 'failed'): void {
    this.#events.inc({ group, type, outcome });
  }

  deadLetter(group: string, topic: string): void {
    this.#deadLetters.inc({ group, topic });
  }

  outbox(service: string, { records, oldest }: OutboxLag): void {
    this.#outbox.set({ service }, records);
    // Clocks may differ between who writes and who looks.
    this.#outboxAge.set({ service }, oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest.getTime()) / 1_000));
  }

  /** Asks for the lag of a group whenever somebody looks; both labels are names of ours, so there are few of them. */
  watchLag(group: string, lags: () => ReadonlyMap<string, number>): void {
    this.#watched.set(group, lags);
  }
}
