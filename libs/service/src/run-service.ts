import { AppError } from '@millrace/core';
import { runServices, type Running } from './run-services.js';
import type { AnyService } from './service.js';

/** Runs services as this process: starts them from the environment, ends them on SIGTERM and SIGINT; a start that fails says why and exits with 1. */
export async function runProcess(services: readonly AnyService[], onReady: (running: Running) => void = () => undefined): Promise<void> {
  let running: Running;
  try {
    running = await runServices(services, { env: process.env });
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

/** Runs one service as this process. */
export const runService = (service: AnyService): Promise<void> => runProcess([service]);
