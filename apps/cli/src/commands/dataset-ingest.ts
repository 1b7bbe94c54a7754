import { IngestionRun, IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { uuidv7 } from '@millrace/core';
import { watchedJob } from '../calls/job.js';
import { fullName, lastPart, shortVersion } from '../calls/names.js';
import { RunWatcher } from '../calls/run-watcher.js';
import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { timeOption } from '../text/times.js';
import { safeLines } from '../text/width.js';
import { countsText } from './profile-text.js';
import { contractOption, formatOption, type SourceOptions, sourcePath } from './source-options.js';

/** What `millrace dataset ingest` may be told. */
export interface IngestOptions extends SourceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly timeColumn?: string;
  readonly replace?: boolean;
  readonly wait: boolean;
}

/** Reads a source into a new version and watches it. */
export async function ingest(session: Session, name: string, path: string, options: IngestOptions): Promise<ExitCode> {
  const ingestionRun = {
    dataset: fullName('datasets', name),
    source: { path: sourcePath(session, path), format: formatOption(options.format), timeFilter: timeFilter(options) },
    contract: contractOption(options),
    mode: options.replace ? IngestionRun_Mode.REPLACE : IngestionRun_Mode.APPEND,
  };
  const ingestion = await session.connect(IngestionServiceDefinition);
  const created = await ingestion.createIngestionRun({ ingestionRun, requestId: uuidv7() }, session.call);
  if (!options.wait) {
    session.answer(() => IngestionRun.toJSON(created), () => `Ingestion run ${lastPart(created.name)} is started; \`millrace dataset versions ${name}\` shows what it makes.\n`);
    return EXIT.done;
  }
  const watcher = new RunWatcher(session.terminal);
  let last = created;
  try {
    for await (const state of ingestion.watchIngestionRun({ name: created.name }, session.call)) {
      last = state;
      watcher.show([watchedJob('ingest', state.status)]);
    }
  } finally {
    watcher.end();
  }
  session.answer(() => IngestionRun.toJSON(last), () => tell(session, last));
  return last.status?.state === JobState.SUCCEEDED ? EXIT.done : EXIT.failed;
}

function timeFilter({ from, to, timeColumn, eventTime }: IngestOptions) {
  if (from === undefined && to === undefined) return undefined;
  const column = timeColumn ?? eventTime;
  if (column === undefined) throw errors.WRONG_USE({ why: '--from and --to need the column that they are about; give --time-column.' });
  return { column, from: from === undefined ? undefined : timeOption(from, '--from'), to: to === undefined ? undefined : timeOption(to, '--to') };
}

function tell(session: Session, { datasetVersion, counts, status, dataset }: IngestionRun): string {
  if (status?.state !== JobState.SUCCEEDED) return `${session.styled('bad', (status?.state ?? '').replace('JOB_STATE_', ''))}: ${safeLines(status?.error?.message ?? 'nothing of it is kept.')}\n`;
  return `${session.styled('good', `Dataset ${shortVersion(datasetVersion)} is there:`)} ${counts ? countsText(counts) : ''}\n${session.styled('dim', `Next: millrace dataset show ${dataset.replace('datasets/', '')}`)}\n`;
}
