import { isAbsolute, join } from 'node:path';
import { IngestionRun_Mode, Source_Format } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { isError } from '@millrace/core';
import { errors } from '../errors.js';
import { contractMessage } from '../file/contract-message.js';
import { rollupMessage } from '../file/rollup-message.js';
import type { SourceSpec } from '../file/pipeline-file.js';
import { awaitJob } from './await-job.js';
import type { Step, StepContext } from './step.js';

const FORMATS = { csv: Source_Format.CSV, json_lines: Source_Format.JSON_LINES, json: Source_Format.JSON, parquet: Source_Format.PARQUET };
const MODES = { append: IngestionRun_Mode.APPEND, replace: IngestionRun_Mode.REPLACE };

/**
 * Reads a source into a new dataset version, up to the time that the run is about. A source without a place, and a run that new data, drift or
 * performance caused, take the newest version that there is: those data are in already.
 */
export const ingest: Step = {
  async execute(context) {
    const { step, version, run } = context;
    const source = version.file.sources[step.subject];
    const asks = (source?.path !== undefined || source?.postgres !== undefined || source?.kafka !== undefined) && (run.cause.kind === 'MANUAL' || run.cause.kind === 'SCHEDULE');
    // A rollup is made anew of whatever its dataset holds.
    const name = source && (asks || source.rollup) ? await read(source, context) : `datasets/${step.subject}/versions/latest`;
    return { outputs: await describe(name, context) };
  },
};

async function read(source: SourceSpec, context: StepContext): Promise<string> {
  const { step, version, services, requestId, run } = context;
  const { eventTime } = run.cause;
  const { path = '', postgres, kafka, rollup } = source;
  const at = (place: string): string => (place === '' || isAbsolute(place) || place.startsWith('s3://') || version.basePath === '' ? place : join(version.basePath, place));
  // What is read past once does not come again: it cannot wait for a later time.
  const isReadOnce = kafka !== undefined || source.new_files_only;
  const finer = rollup && run.steps.find(({ kind, subject }) => kind === 'ingest' && subject === rollup.of)?.outputs['dataset_version'];
  const created = await services.ingestion.createIngestionRun({
    ingestionRun: {
      dataset: `datasets/${step.subject}`,
      source: {
        path: at(path),
        ...(kafka ? { kafka: { connection: kafka.connection, topic: kafka.topic, eventIdColumn: kafka.event_id ?? '', skipRemoved: kafka.skip_removed, descriptorPath: at(kafka.descriptor ?? ''), messageType: kafka.message ?? '' } } : {}),
        ...(postgres ? { postgres: { connection: postgres.connection, table: postgres.table ?? '', query: postgres.query ?? '', incrementalColumn: postgres.incremental ?? '' } } : {}),
        ...(rollup ? { rollup: rollupMessage(rollup, finer ?? `datasets/${rollup.of}/versions/latest`) } : {}),
        newFilesOnly: source.new_files_only,
        format: source.format ? FORMATS[source.format] : Source_Format.UNSPECIFIED,
        // A rollup is cut where the dataset that it is made from was.
        timeFilter: eventTime === undefined || isReadOnce || rollup ? undefined : { column: source.contract.event_time, to: new Date(eventTime) },
      },
      contract: contractMessage(source),
      mode: rollup ? IngestionRun_Mode.REPLACE : MODES[source.mode],
    },
    requestId,
  });
  const ended = await awaitJob(services.ingestion.watchIngestionRun({ name: created.name }, { signal: context.signal }), context, () => services.ingestion.cancelIngestionRun({ name: created.name }));
  return ended.datasetVersion;
}

async function describe(name: string, { services, step }: StepContext) {
  try {
    const found = await services.ingestion.getDatasetVersion({ name });
    return {
      dataset_version: found.name,
      digest: found.digest,
      rows: String(found.rows),
      event_time_max: String(found.eventTimeMax?.getTime() ?? ''),
    };
  } catch (error) {
    if (isError(error, 'ingestion.millrace', 'DATASET_VERSION_NOT_FOUND') || isError(error, 'ingestion.millrace', 'DATASET_NOT_FOUND')) throw errors.NO_DATA({ dataset: `datasets/${step.subject}` }, { cause: error });
    throw error;
  }
}
