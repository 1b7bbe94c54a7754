import type { EventRecord } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import type { LogPart } from '@millrace/jobs';
import { currentTraceparent } from '@millrace/rpc';
import { toJobLog } from '@millrace/service';
import { type Change, type IngestionRun, ingestionRunName } from './ingestion-run.js';
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

/** What goes into the outbox when a run has said something. */
export const encodeLogged = ({ id, requestId }: IngestionRun, part: LogPart): EventRecord =>
  toRecord(catalogue.ingestion.ingestionRunLogged, SOURCE, { log: toJobLog(ingestionRunName.format({ run: id }), { requestId, part }) }, { traceparent: currentTraceparent() });
