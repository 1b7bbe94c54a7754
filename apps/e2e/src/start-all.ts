import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { connect } from '@millrace/rpc';

/** Every service in one process of its own, over a directory of its own. */
export interface Home {
  /** host:port */
  readonly grpcAddress: string;
  /** http://host:port */
  readonly httpAddress: string;
  /** Holds `data`, the log, and whatever a story puts there; sources may be read from it. */
  readonly directory: string;
  readonly pid: number;
  readonly clients: ReturnType<typeof connectAll>;
  /** The lines that the process has logged. */
  log(): string;
  /** Ends the process in order and removes the directory; throws when it did not end well. */
  close(): Promise<void>;
}

export interface HomeOptions {
  /** Further variables, such as OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further folders below which sources may lie. */
  readonly roots?: readonly string[];
}

const ENTRY = fileURLToPath(new URL('../../standalone/dist/main.js', import.meta.url));
const READY = /HTTP (\S+), gRPC (\S+)$/;

/** Starts the built standalone on free ports of 127.0.0.1 and waits until it is ready. */
export async function startAll({ env = {}, roots = [] }: HomeOptions = {}): Promise<Home> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
  const logFile = join(directory, 'millrace.log');
  const child = spawn(process.execPath, ['--enable-source-maps', ENTRY], {
    env: { ...process.env, MILLRACE_DATA_DIR: join(directory, 'data'), MILLRACE_SOURCE_ROOTS: [directory, ...roots].join(':'), MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A story that fails half-way takes its process with it.
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  child.stderr.pipe(createWriteStream(logFile));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const log = (): string => readFileSync(logFile, 'utf8');
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).on('line', (text) => READY.test(text) && resolve(text)));
  const [, httpAddress = '', grpcAddress = ''] = READY.exec(await Promise.race([line, ended.then((code) => Promise.reject(new Error(`Millrace ended with ${code} before it was ready:\n${log()}`)))])) ?? [];
  const clients = connectAll(grpcAddress);
  return {
    grpcAddress,
    httpAddress,
    directory,
    pid: child.pid ?? 0,
    clients,
    log,
    close: async () => {
      for (const client of Object.values(clients)) client.close();
      child.kill('SIGTERM');
      const code = await ended;
      process.off('exit', onExit);
      const told = log();
      await rm(directory, { recursive: true });
      if (code !== 0) throw new Error(`Millrace ended with ${code}:\n${told}`);
    },
  };
}

/** A client of every service at one address. */
const connectAll = (address: string) => ({
  ingestion: connect(IngestionServiceDefinition, address),
  features: connect(FeatureStoreServiceDefinition, address),
  trainer: connect(TrainerServiceDefinition, address),
  registry: connect(RegistryServiceDefinition, address),
  inference: connect(InferenceServiceDefinition, address, { deadlineMs: 30_000 }),
  monitor: connect(MonitorServiceDefinition, address, { deadlineMs: 60_000 }),
  pipelines: connect(PipelinesServiceDefinition, address),
});
