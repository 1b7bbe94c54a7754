import { setTimeout as sleep } from 'node:timers/promises';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { connect } from '@millrace/rpc';

const DEFINITIONS = {
  ingestion: IngestionServiceDefinition,
  features: FeatureStoreServiceDefinition,
  registry: RegistryServiceDefinition,
  inference: InferenceServiceDefinition,
  monitor: MonitorServiceDefinition,
  pipelines: PipelinesServiceDefinition,
};
/** The deadline of every call; one that is still open after so long more has outlived it. */
export const DEADLINE_MS = 20_000;
export const SLACK_MS = 2_000;
const PAUSE_MS = 25;
/** How long one call is repeated before the story gives up. */
const PATIENCE_MS = 180_000;
/** What a caller may simply ask again. */
const PASSING = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** An answer of REST that is no success. */
class RestError extends Error {
  constructor(status, text) {
    super(`REST answered ${status}: ${text}`);
    this.code = { 503: 'UNAVAILABLE', 504: 'DEADLINE_EXCEEDED' }[status] ?? 'INTERNAL';
    this.reason = /"reason":"(\w+)"/.exec(text)?.[1];
  }
}

/** The driver's way to the services: calls wait while they are down, and are repeated, unchanged, until they are answered. */
export class Link {
  #session;
  #waiting = [];
  #closed;
  #turn = 0;
  /** Calls that were repeated. */
  repeated = 0;
  /** Calls that were answered. */
  answered = 0;
  /** How often a call failed, by its error. */
  refusals = new Map();
  /** Calls that were open for longer than their deadline, in words. */
  overdue = [];

  /** The services listen here: `grpc` is one address, or one for each service; `http` may be several, divided by commas. */
  up({ grpc, http }) {
    if (this.#session?.grpc === grpc || this.#closed) return;
    const clients = Object.fromEntries(Object.entries(DEFINITIONS).map(([name, definition]) => [name, connect(definition, grpc[name] ?? grpc, { deadlineMs: DEADLINE_MS })]));
    this.#session = { ...clients, grpc, https: http.split(',') };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#session);
  }

  /** How many of each service there are. */
  get instances() {
    return this.#session?.https.length ?? 0;
  }

  /** The services are about to be killed: what fails from now on is repeated. */
  down() {
    const former = this.#session;
    this.#session = undefined;
    if (former) for (const name of Object.keys(DEFINITIONS)) former[name].close();
  }

  /** Ends the link; whatever waits is refused with the reason. */
  close(reason) {
    this.down();
    this.#closed = reason;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  /** Asks until there is an answer; an error that would come again ends the story. `deadlineMs` is what `ask` has given the call. */
  async call(what, ask, { deadlineMs = DEADLINE_MS } = {}) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const session = await this.#open();
      const from = performance.now();
      try {
        const answer = await ask({ ...session, http: session.https[this.#turn++ % session.https.length] });
        this.answered++;
        return answer;
      } catch (error) {
        this.#count(error);
        const dead = this.#session !== session;
        const passing = dead || PASSING.has(error?.code) || (error?.domain === 'grpc' && error.code === 'INTERNAL') || error instanceof TypeError || error?.name === 'TimeoutError';
        if (!passing || Date.now() > until) throw new Error(`${what}: ${error?.message ?? error}`, { cause: error });
        this.repeated++;
        await sleep(PAUSE_MS);
      } finally {
        const took = performance.now() - from;
        if (took > deadlineMs + SLACK_MS) this.overdue.push(`${what} was open for ${(took / 1_000).toFixed(1)} s, its deadline was ${deadlineMs / 1_000} s`);
      }
    }
  }

  #count(error) {
    const name = error instanceof TypeError ? 'no connection' : `${error?.code ?? error?.name} ${error?.reason ?? ''}`.trim();
    this.refusals.set(name, (this.refusals.get(name) ?? 0) + 1);
  }

  #open() {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#session) return Promise.resolve(this.#session);
    return new Promise((resolve) => this.#waiting.push(resolve)).then((session) => session ?? Promise.reject(this.#closed));
  }
}

/** Posts JSON and gives the answer's. */
export async function post(url, body) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(DEADLINE_MS) });
  const text = await response.text();
  if (!response.ok) throw new RestError(response.status, text);
  return JSON.parse(text);
}
