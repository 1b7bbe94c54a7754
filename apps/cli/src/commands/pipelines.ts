import { Pipeline, PipelineVersion } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { Trigger } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { fullName, lastPart, shortName } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { shortDigest } from '../text/figures.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';
import { RUN_COLUMNS, runRow } from './runs.js';
import { TRIGGER_COLUMNS, triggerRow } from './trigger-row.js';

export const PIPELINE_COLUMNS: readonly TableColumn[] = [{ title: 'PIPELINE' }, { title: 'VERSION', align: 'right' }, { title: 'TRIGGERS' }, { title: 'SINCE (UTC)' }];

/** A pipeline in one line. */
export const pipelineRow = ({ name, latestVersion, paused, createTime }: Pipeline): readonly TableCell[] => [shortName(name), lastPart(latestVersion), paused ? { text: 'PAUSED', style: 'warn' } : 'on', showTime(createTime)];

const RUNS_SHOWN = 5;

/** Pipelines by name. */
export async function listPipelines(session: Session): Promise<void> {
  const client = await session.connect(PipelinesServiceDefinition);
  const { rows } = await readPages(ALL, async (part) => {
    const { pipelines, nextPageToken } = await client.listPipelines(part, session.call);
    return { rows: pipelines, nextPageToken };
  });
  session.answer(
    () => ({ pipelines: rows.map((pipeline) => Pipeline.toJSON(pipeline)) }),
    () => (rows.length === 0 ? 'There is no pipeline yet; `millrace apply FILE` makes one, and `millrace init` writes such a file.\n' : session.table(PIPELINE_COLUMNS, rows.map(pipelineRow))),
  );
}

/** A pipeline with its steps, its triggers and its last runs. */
export async function showPipeline(session: Session, text: string): Promise<void> {
  const name = fullName('pipelines', text);
  const client = await session.connect(PipelinesServiceDefinition);
  const pipeline = await client.getPipeline({ name }, session.call);
  const [version, { triggers }, { pipelineRuns }] = await Promise.all([
    client.getPipelineVersion({ name: pipeline.latestVersion }, session.call),
    client.listTriggers({ parent: name, pageSize: 200 }, session.call),
    client.listPipelineRuns({ pageSize: RUNS_SHOWN, filter: `pipeline=${name}` }, session.call),
  ]);
  session.answer(
    () => ({ pipeline: Pipeline.toJSON(pipeline), pipelineVersion: PipelineVersion.toJSON(version), triggers: triggers.map((trigger) => Trigger.toJSON(trigger)), pipelineRuns: pipelineRuns.map((run) => PipelineRun.toJSON(run)) }),
    () =>
      [
        `Pipeline ${session.styled('bold', shortName(name))}, version ${lastPart(version.name)} since ${showTime(version.createTime)} UTC${pipeline.paused ? `; ${session.styled('warn', 'its triggers are paused')}` : ''}\n`,
        `  steps  ${version.steps.map(({ id }) => id).join(' → ')}\n`,
        session.title('Triggers'),
        triggers.length === 0 ? `${session.styled('dim', 'None; `triggers:` in the pipeline file says what starts a run.')}\n` : session.table(TRIGGER_COLUMNS, triggers.map(triggerRow)),
        session.title('Last runs'),
        pipelineRuns.length === 0 ? `${session.styled('dim', `None yet; \`millrace run ${shortName(name)}\` starts one.`)}\n` : session.table(RUN_COLUMNS, pipelineRuns.map(runRow)),
      ].join(''),
  );
}

/** Versions of one pipeline, newest first. */
export async function listPipelineVersions(session: Session, text: string, { limit: most }: { readonly limit: string }): Promise<void> {
  const limit = limitOption(most);
  const client = await session.connect(PipelinesServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { pipelineVersions, nextPageToken } = await client.listPipelineVersions({ parent: fullName('pipelines', text), ...part }, session.call);
    return { rows: pipelineVersions, nextPageToken };
  });
  session.answer(
    () => ({ pipelineVersions: rows.map((version) => PipelineVersion.toJSON(version)) }),
    () => session.table([{ title: 'VERSION', align: 'right' }, { title: 'SINCE (UTC)' }, { title: 'DIGEST' }, { title: 'STEPS', shrink: true }], rows.map(({ name, createTime, digest, steps }) => [lastPart(name), showTime(createTime), shortDigest(digest), steps.map(({ id }) => id).join(' → ')])) + moreLine(more, limit),
  );
}
