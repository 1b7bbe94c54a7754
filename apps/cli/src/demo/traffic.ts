import type { Flights } from './flights.js';
import type { DemoServices } from './services.js';

/** What the replay has asked and told so far. */
export interface TrafficCounts {
  pushed: number;
  rest: number;
  grpc: number;
  labels: number;
}

/** One front end: asks for predictions, half by REST and half by gRPC, and sends what really happened once flights have landed. */
export class Traffic {
  readonly counts: TrafficCounts = { pushed: 0, rest: 0, grpc: 0, labels: 0 };
  /** Answered predictions whose flights are in the air: by the hour of their landing. */
  readonly #inTheAir = new Map<number, { id: string; late: boolean; landed: number }[]>();
  /** The id of every prediction that was answered, in order. */
  readonly served: string[] = [];

  constructor(
    private readonly flights: Flights,
    private readonly to: { readonly services: DemoServices; readonly httpAddress: string; readonly endpoint: string; readonly views: readonly string[] },
  ) {}

  /** Adds flights that have landed to the online features. */
  async push(rows: readonly number[]): Promise<void> {
    if (rows.length === 0) return;
    const { flights } = this;
    const { services, views } = this.to;
    const column = (name: string, kind: 'int64s' | 'timestamps', value: (row: number) => bigint) => ({ name, cells: { kind: { $case: kind, value: { values: rows.map(value) } } as const } });
    const text = (name: string, codes: Int32Array) => ({ name, cells: { kind: { $case: 'strings', value: { values: rows.map((row) => flights.airports[codes[row] ?? 0] ?? '') } } as const } });
    const table = {
      rows: rows.length,
      columns: [
        column('date', 'timestamps', (row) => BigInt(flights.departure[row] ?? 0) * 1000n),
        column('delay', 'int64s', (row) => BigInt(flights.delay[row] ?? 0)),
        column('distance', 'int64s', (row) => BigInt(flights.distance[row] ?? 0)),
        text('origin', flights.origin),
        text('destination', flights.destination),
      ],
    };
    const { rows: taken } = await services.features.pushRows([{ featureViews: [...views], table }]);
    this.counts.pushed += Number(taken);
  }

  /** Asks for predictions of flights that are about to leave. */
  async predict(rows: readonly number[], by: 'rest' | 'grpc'): Promise<void> {
    if (rows.length === 0) return;
    const answers = by === 'rest' ? await this.#byRest(rows) : await this.#byGrpc(rows);
    if (answers.length !== rows.length) throw new Error(`${rows.length} flights were asked for and ${answers.length} answered.`);
    this.counts[by] += answers.length;
    rows.forEach((row, i) => {
      const landed = this.flights.landing[row] ?? 0;
      const hour = Math.ceil(landed / HOUR_MS);
      const waiting = this.#inTheAir.get(hour) ?? [];
      this.#inTheAir.set(hour, waiting);
      waiting.push({ id: answers[i] ?? '', late: (this.flights.delay[row] ?? 0) > LATE_MINUTES, landed });
      this.served.push(answers[i] ?? '');
    });
  }

  /** Sends the labels of all flights that have landed before `now`. */
  async tellLabels(now: number): Promise<void> {
    const labels = [...this.#inTheAir].filter(([hour]) => hour * HOUR_MS <= now).flatMap(([hour, waiting]) => {
      this.#inTheAir.delete(hour);
      return waiting;
    });
    for (let start = 0; start < labels.length; start += LABELS_AT_ONCE) {
      const part = labels.slice(start, start + LABELS_AT_ONCE);
      const { accepted } = await this.to.services.inference.sendFeedback({ endpoint: `endpoints/${this.to.endpoint}`, labels: part.map(({ id, late, landed }) => ({ predictionId: id, value: late ? 1 : 0, knownTime: new Date(landed) })) });
      this.counts.labels += Number(accepted);
    }
  }

  get inTheAir(): number {
    return [...this.#inTheAir.values()].reduce((sum, waiting) => sum + waiting.length, 0);
  }

  async #byGrpc(rows: readonly number[]): Promise<readonly string[]> {
    const { flights } = this;
    const { predictions } = await this.to.services.inference.predict({
      endpoint: `endpoints/${this.to.endpoint}`,
      eventTimes: rows.map((row) => new Date(flights.departure[row] ?? 0)),
      rows: rows.map((row) => ({
        values: {
          distance: { kind: { $case: 'int64Value', value: BigInt(flights.distance[row] ?? 0) } },
          origin: { kind: { $case: 'stringValue', value: this.#airport(flights.origin, row) } },
          destination: { kind: { $case: 'stringValue', value: this.#airport(flights.destination, row) } },
        },
      })),
    });
    return predictions.map(({ id }) => id);
  }

  async #byRest(rows: readonly number[]): Promise<readonly string[]> {
    const { flights } = this;
    const response = await fetch(`${this.to.httpAddress}/v1/endpoints/${this.to.endpoint}:predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        rows: rows.map((row) => ({ distance: flights.distance[row], origin: this.#airport(flights.origin, row), destination: this.#airport(flights.destination, row) })),
        eventTimes: rows.map((row) => new Date(flights.departure[row] ?? 0).toISOString()),
      }),
    });
    if (!response.ok) throw new Error(`REST answered ${response.status}: ${await response.text()}`);
    const { predictions } = (await response.json()) as { predictions: readonly { id: string }[] };
    return predictions.map(({ id }) => id);
  }

  #airport(codes: Int32Array, row: number): string {
    return this.flights.airports[codes[row] ?? 0] ?? '';
  }
}

export const HOUR_MS = 3_600_000;
const LATE_MINUTES = 15;
const LABELS_AT_ONCE = 5_000;
