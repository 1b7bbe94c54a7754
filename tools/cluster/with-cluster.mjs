import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../servers/guard.mjs';
import { startCluster } from './cluster.mjs';

/** Starts a cluster that lives as long as `work`, hands it over, and ends it with all its data, also when this process is killed. Its logs stay where `logs` says. */
export async function withCluster({ logs, ...options }, work) {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-cluster-'));
  if (logs !== undefined) mkdirSync(logs, { recursive: true });
  const release = await guard(directory);
  try {
    const cluster = await startCluster({ ...options, directory, ...(logs === undefined ? {} : { logs }) });
    try {
      return await work(cluster);
    } finally {
      await cluster.stop();
    }
  } finally {
    await release();
    rmSync(directory, { recursive: true, force: true });
  }
}
