import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { fullName, lastPart, shortVersion } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { stateCell, word } from '../text/state-word.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { secondsBetween, showSeconds, showTime } from '../text/times.js';
import { cut } from '../text/width.js';
import { limitOption, moreLine } from './limit.js';
import { runText } from './run-table.js';

/** What `millrace run list` may be told. */
export interface RunsOptions {
  readonly pipeline?: string;
  readonly state?: string;
  readonly limit: string;
}

export const RUN_COLUMNS: readonly TableColumn[] = [{ title: 'RUN' }, { title: 'PIPELINE' }, { title: 'CAUSE' }, { title: 'STATE' }, { title: 'OUTCOME' }, { title: 'STARTED (UTC)' }, { title: 'TIME', align: 'right' }, { title: 'WHY' }];

/** Cells of a reason in a list; `run show` tells all of it. */
const BRIEF = 140;

/** A run in one line. */
export const runRow = ({ name, pipelineVersion, cause, status, outcome, createTime }: PipelineRun): readonly TableCell[] => [
  lastPart(name),
  shortVersion(pipelineVersion),
  word(cause?.kind ?? ''),
  stateCell(status?.state ?? ''),
  outcome ? stateCell(outcome.decision) : '',
  showTime(createTime),
  showSeconds(secondsBetween(status?.startTime, status?.endTime, new Date())),
  cut(status?.error?.message.split('\n')[0] ?? outcome?.why ?? '', BRIEF),
];

/** Runs, newest first. */
export async function listRuns(session: Session, { pipeline, state, limit: text }: RunsOptions): Promise<void> {
  const limit = limitOption(text);
  const filter = [...(pipeline === undefined ? [] : [`pipeline=${fullName('pipelines', pipeline)}`]), ...(state === undefined ? [] : [`state=${state.toUpperCase()}`])].join(' AND ');
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { pipelineRuns, nextPageToken } = await pipelines.listPipelineRuns({ ...part, filter }, session.call);
    return { rows: pipelineRuns, nextPageToken };
  });
  session.answer(
    () => ({ pipelineRuns: rows.map((run) => PipelineRun.toJSON(run)) }),
    () => (rows.length === 0 ? `There is no run${filter === '' ? '' : ' of this kind'} yet; \`millrace run PIPELINE\` starts one.\n` : session.table(RUN_COLUMNS, rows.map(runRow)) + moreLine(more, limit)),
  );
}

/** One run with its steps. */
export async function showRun(session: Session, name: string): Promise<void> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const found = await pipelines.getPipelineRun({ name: fullName('pipelineRuns', name) }, session.call);
  session.answer(() => PipelineRun.toJSON(found), () => runText(session, found));
}

/** Stops a run. */
export async function cancelRun(session: Session, name: string): Promise<void> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const found = await pipelines.cancelPipelineRun({ name: fullName('pipelineRuns', name) }, session.call);
  session.answer(() => PipelineRun.toJSON(found), () => runText(session, found));
}
