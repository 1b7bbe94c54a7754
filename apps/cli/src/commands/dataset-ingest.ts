import { IngestionRun, IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { uuidv7 } from '@millrace/core';
import type { PartialRequestOf } from '@millrace/rpc';
import { watchedJob } from '../calls/job.js';
import { fullName, lastPart, shortVersion } from '../calls/names.js';
import { RunWatcher } from '../calls/run-watcher.js';
import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { timeOption } from '../text/times.js';
import { safeLines } from '../text/width.js';
import { countsText } from './profile-text.js';
import { contractOption, sourceOption, type SourceOptions } from './source-options.js';

/** What `millrace dataset ingest` may be told. */
export interface IngestOptions extends SourceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly timeColumn?: string;
  readonly replace?: boolean;
  readonly backfill?: boolean;
  readonly wait: boolean;
}

/** Reads a source into a new version and watches it. */
export async function ingest(session: Session, name: string, path: string | undefined, options: IngestOptions): Promise<ExitCode> {
  const ingestionRun = {
    dataset: fullName('datasets', name),
    source: { ...sourceOption(session, path, options), timeFilter: timeFilter(options) },
    contract: contractOption(options),
    mode: modeOf(options),
  };
  return makeVersion(session, name, { ingestionRun, wait: options.wait });
}

/** Starts a run that makes a version, and watches it unless it is not waited for. */
export async function makeVersion(session: Session, name: string, { ingestionRun, wait }: { readonly ingestionRun: PartialRequestOf<(typeof IngestionServiceDefinition)['methods']['createIngestionRun']>['ingestionRun']; readonly wait: boolean }): Promise<ExitCode> {
  const ingestion = await session.connect(IngestionServiceDefinition);
  const created = await ingestion.createIngestionRun({ ingestionRun, requestId: uuidv7() }, session.call);
  if (!wait) {
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

function modeOf({ replace = false, backfill = false, from, to }: IngestOptions): IngestionRun_Mode {
  if (replace && backfill) throw errors.WRONG_USE({ why: '--replace puts the new rows in the place of all, --backfill in the place of some; give one of them.' });
  if (backfill && (from === undefined || to === undefined)) throw errors.WRONG_USE({ why: '--backfill replaces the parts from --from to --to; give both.' });
  return replace ? IngestionRun_Mode.REPLACE : backfill ? IngestionRun_Mode.BACKFILL : IngestionRun_Mode.APPEND;
}

function timeFilter({ from, to, timeColumn, eventTime, partition }: IngestOptions) {
  if (from === undefined && to === undefined) return undefined;
  const column = timeColumn ?? partition?.split(':')[1] ?? eventTime;
  if (column === undefined) throw errors.WRONG_USE({ why: '--from and --to need the column that they are about; give --time-column.' });
  return { column, from: from === undefined ? undefined : timeOption(from, '--from'), to: to === undefined ? undefined : timeOption(to, '--to') };
}

function tell(session: Session, { datasetVersion, counts, status, dataset, unchanged, partitionsResumed }: IngestionRun): string {
  if (status?.state !== JobState.SUCCEEDED) return `${session.styled('bad', (status?.state ?? '').replace('JOB_STATE_', ''))}: ${safeLines(status?.error?.message ?? 'nothing of it is kept.')}\n`;
  const resumed = partitionsResumed === 0 ? '' : `; ${partitionsResumed} parts were there from before the interruption`;
  const found = unchanged ? `Nothing is new: dataset ${shortVersion(datasetVersion)} holds it already:` : `Dataset ${shortVersion(datasetVersion)} is there:`;
  return `${session.styled('good', found)} ${counts ? countsText(counts) : ''}${resumed}\n${session.styled('dim', `Next: millrace dataset show ${dataset.replace('datasets/', '')}`)}\n`;
}
