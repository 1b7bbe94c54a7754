import { setTimeout as sleep } from 'node:timers/promises';

/** Traces that leave the process. */
export interface Telemetry {
  /** Sends what is left; a receiver that does not answer holds nobody up for long. */
  close(): Promise<void>;
}

const QUEUE = 8_192;
const DELAY_MS = 500;
const CLOSE_MS = 2_000;

/** Starts tracing to an OTLP receiver; without an endpoint nothing is loaded and nothing is measured. */
export async function startTelemetry(endpoint: string | undefined, serviceName: string): Promise<Telemetry> {
  if (endpoint === undefined) return { close: async () => undefined };
  const [{ NodeSDK }, { BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.namespace': 'millrace' }),
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE, scheduledDelayMillis: DELAY_MS })],
    resourceDetectors: [],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return { close: () => Promise.race([sdk.shutdown(), sleep(CLOSE_MS, undefined, { ref: false })]) };
}
