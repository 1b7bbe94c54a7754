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
const DEADLINE_MS = 20_000;
const PAUSE_MS = 25;
/** How long one call is repeated before the story gives up. */
const PATIENCE_MS = 180_000;
/** What a caller may simply ask again. */
const PASSING = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** An answer of REST that is no success. */
class RestError extends Error {
  constructor(status, text) {
    super(`REST answered ${status}: ${text}`);
    this.code = status === 503 || status === 504 ? 'UNAVAILABLE' : 'INTERNAL';
  }
}

/** The driver's way to the services: calls wait while they are down, and are repeated, unchanged, until they are answered. */
export class Link {
  #session;
  #waiting = [];
  #closed;
  /** Calls that were repeated. */
  repeated = 0;

  /** The services listen at these addresses. */
  up({ grpc, http }) {
    if (this.#session?.grpc === grpc || this.#closed) return;
    const clients = Object.fromEntries(Object.entries(DEFINITIONS).map(([name, definition]) => [name, connect(definition, grpc, { deadlineMs: DEADLINE_MS })]));
    this.#session = { ...clients, grpc, http };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#session);
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

  /** Asks until there is an answer; an error that would come again ends the story. */
  async call(what, ask) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const session = await this.#open();
      try {
        return await ask(session);
      } catch (error) {
        const dead = this.#session !== session;
        const passing = dead || PASSING.has(error?.code) || (error?.domain === 'grpc' && error.code === 'INTERNAL') || error instanceof TypeError;
        if (!passing || Date.now() > until) throw new Error(`${what}: ${error?.message ?? error}`, { cause: error });
        this.repeated++;
        await sleep(PAUSE_MS);
      }
    }
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
