import type { EventRecord } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { currentTraceparent } from '@millrace/rpc';
import type { Change } from './ingestion-run.js';
import { toRun, toVersion } from './ingestion.wire.js';

const SOURCE = '/millrace/ingestion';

/** What goes into the outbox with a change. */
export function encodeChange({ run, version, failed }: Change): readonly EventRecord[] {
  const traceparent = currentTraceparent();
  const options = traceparent === undefined ? {} : { traceparent };
  // A bus takes small records, and a profile can be large.
  if (version) return [toRecord(catalogue.ingestion.datasetVersionCreated, SOURCE, { datasetVersion: { ...toVersion(version), profile: [], correlations: [], partitions: [] } }, options)];
  return failed ? [toRecord(catalogue.ingestion.ingestionRunFailed, SOURCE, { ingestionRun: toRun(run) }, options)] : [];
}
