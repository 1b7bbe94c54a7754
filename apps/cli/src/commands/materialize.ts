import { FeatureStoreServiceDefinition, type ListFeatureViewsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { Materialization } from '@millrace/contracts/millrace/features/v1/materialization';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { uuidv7 } from '@millrace/core';
import { watchedJob } from '../calls/job.js';
import { fullName, lastPart, shortVersion } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import { RunWatcher } from '../calls/run-watcher.js';
import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { timeOption } from '../text/times.js';
import { safeLines } from '../text/width.js';

/** What `millrace materialize` may be told. */
export interface MaterializeOptions {
  readonly all?: boolean;
  readonly version?: string;
  readonly knownBefore?: string;
}

/** Fills the online values of views from a dataset version, each once, and watches; also the way to make values again that were lost. */
export async function materialize(session: Session, views: readonly string[], { all = false, version, knownBefore }: MaterializeOptions): Promise<ExitCode> {
  if (all === views.length > 0) throw errors.WRONG_USE({ why: 'name the feature views, or all of them by --all.' });
  if (version !== undefined && (all || views.length > 1)) throw errors.WRONG_USE({ why: '--version is of the dataset of one view; name one view.' });
  const features = await session.connect(FeatureStoreServiceDefinition);
  const before = knownBefore === undefined ? undefined : timeOption(knownBefore, '--known-before');
  const named = views.map((view) => fullName('featureViews', view));
  const names = all ? await allViews(async (page) => features.listFeatureViews(page, session.call)) : named;
  const ended: Materialization[] = [];
  for (const featureView of names) {
    const datasetVersion = version === undefined ? '' : `${(await features.getFeatureView({ name: featureView }, session.call)).dataset}/versions/${version}`;
    let last = await features.createMaterialization({ materialization: { featureView, datasetVersion, knownBefore: before }, requestId: uuidv7() }, session.call);
    const watcher = new RunWatcher(session.terminal);
    try {
      for await (const state of features.watchMaterialization({ name: last.name }, session.call)) {
        last = state;
        watcher.show([watchedJob(lastPart(featureView), state.status)]);
      }
    } finally {
      watcher.end();
    }
    ended.push(last);
  }
  session.answer(() => ended.map((job) => Materialization.toJSON(job)), () => ended.map((job) => tell(session, job)).join(''));
  return ended.every(({ status }) => status?.state === JobState.SUCCEEDED) ? EXIT.done : EXIT.failed;
}

async function allViews(list: (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<ListFeatureViewsResponse>): Promise<readonly string[]> {
  const { rows } = await readPages(ALL, async (page) => {
    const { featureViews, nextPageToken } = await list(page);
    return { rows: featureViews, nextPageToken };
  });
  return rows.filter(({ onDemand }) => !onDemand).map(({ name }) => name);
}

function tell(session: Session, { featureView, datasetVersion, status, rows, entities }: Materialization): string {
  const view = lastPart(featureView);
  if (status?.state !== JobState.SUCCEEDED) return `${session.styled('bad', `${view}: ${(status?.state ?? '').replace('JOB_STATE_', '')}`)}: ${safeLines(status?.error?.message ?? 'its former values stay.')}\n`;
  return `${session.styled('good', `${view} is online:`)} ${entities} keys from ${rows} rows of ${shortVersion(datasetVersion)}\n`;
}
