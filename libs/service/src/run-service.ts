import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@millrace/core';
import { runServices, type Running } from './run-services.js';
import type { AnyService } from './service.js';

/** Servers and services start together and in any order: what a start finds away is waited for so long, and looked for so often. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 1_000;
/** Waiting does not make a server trusted: that is a fault of the configuration, and is said at once. */
const LASTING = /_UNTRUSTED$/;

/** Runs services as this process: starts them from the environment, waits for servers that are away, ends on SIGTERM and SIGINT; a start that fails says why and exits with 1. */
export async function runProcess(services: readonly AnyService[], onReady: (running: Running) => void = () => undefined): Promise<void> {
  let running: Running;
  try {
    running = await startPatiently(services, Date.now() + PATIENCE_MS);
  } catch (error) {
    const said = error instanceof AppError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    // All that was opened is closed; what a driver has forgotten (pg a connection without the password that it was asked for, a minute long) must not keep the process.
    await new Promise<void>((resolve) => process.stderr.write(`${said}\n`, () => resolve()));
    process.exit(1);
  }
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    // A second signal means: now.
    if (ending) process.exit(1);
    ending = true;
    running.log.info({ signal }, 'shutting down');
    void running.close().finally(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  onReady(running);
}

async function startPatiently(services: readonly AnyService[], until: number): Promise<Running> {
  for (;;) {
    try {
      return await runServices(services, { env: process.env });
    } catch (error) {
      if (!(error instanceof AppError && error.retryable) || LASTING.test(error.reason) || Date.now() > until) throw error;
      process.stderr.write(`${error.message} It is tried again.\n`);
      await sleep(PAUSE_MS);
    }
  }
}

/** Runs one service as this process. */
export const runService = (service: AnyService): Promise<void> => runProcess([service]);
