import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { useState } from 'react';
import { pipelineCalls } from '../../calls/pipelines.js';
import { usePages } from '../../client/pages.js';
import { Choice } from '../../parts/choice.js';
import { causeOf } from '../../parts/meaning.js';
import { More } from '../../parts/more.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { go, Resource } from '../../router.js';
import { age, span } from '../../text.js';

const STATES = { '': 'all', RUNNING: 'running', SUCCEEDED: 'succeeded', FAILED: 'failed', CANCELLED: 'cancelled' } as const;
/** So many runs are compared. */
const COMPARED = 2;

/** How long a run took, or has taken so far, in seconds; undefined before it began. */
export const secondsOfRun = ({ status }: PipelineRun): number | undefined => (status?.startTime ? ((status.endTime ?? new Date()).getTime() - status.startTime.getTime()) / 1_000 : undefined);

const idOf = (name: string): string => name.split('/')[1] ?? '';

/** Runs of a pipeline or of all, newest first, by their state; two that are chosen can be compared. */
export function RunsTable({ pipeline = '' }: { readonly pipeline?: string }) {
  const [state, want] = useState<keyof typeof STATES>('');
  const [chosen, choose] = useState<readonly string[]>([]);
  const list = usePages((token) => pipelineCalls.runsWhere({ pipeline, state }, token));
  const runs = list.pages.flatMap((page) => page.pipelineRuns);
  const toggle = (name: string): void => choose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name].slice(-COMPARED));
  const compare = (): void => {
    // The older one first: what came after is told as a change.
    const [before, after] = [...chosen].sort().map(idOf);
    go(`/runs/${before}/with/${after}`);
  };
  return (
    <>
      <Choice legend="State" of={STATES} chosen={state} choose={want} />
      <Shown answer={list.first} what="runs">
        {() =>
          runs.length === 0 ? (
            state === '' ? <Empty title="No run yet" command="npx millrace run PIPELINE">Start one by hand, or wait for a trigger.</Empty> : <p className="quiet">None that is {STATES[state]}.</p>
          ) : (
            <>
              <Table
                title="Runs, newest first"
                hidden
                rows={runs}
                keyOf={({ name }) => name}
                columns={[
                  { head: 'Run', cell: ({ name }) => <><input type="checkbox" aria-label={`Compare run ${idOf(name).slice(-6)}`} checked={chosen.includes(name)} onChange={() => toggle(name)} /> <Resource name={name} /></> },
                  ...(pipeline === '' ? [{ head: 'Pipeline', cell: ({ pipelineVersion }: PipelineRun) => <Resource name={pipelineVersion.split('/').slice(0, 2).join('/')} /> }] : []),
                  { head: 'Started', cell: ({ cause, createTime }) => `${causeOf(cause?.kind)}, ${age(createTime)}` },
                  { head: 'State', cell: ({ status }) => <State of={status?.state ?? ''} /> },
                  { head: 'Came to', cell: ({ outcome }) => (outcome ? <State of={outcome.decision} /> : '–') },
                  { head: 'Took', figures: true, cell: (run) => (secondsOfRun(run) === undefined ? '–' : span(secondsOfRun(run) ?? 0)) },
                ]}
              />
              <p className="acts more">
                <button type="button" disabled={chosen.length < COMPARED} onClick={compare}>
                  Compare two runs
                </button>
                <small>{chosen.length < COMPARED ? `Choose ${COMPARED - chosen.length === 1 ? 'one more' : 'two'} above.` : ''}</small>
              </p>
            </>
          )
        }
      </Shown>
      <More of={list} shown={runs.length} noun="runs" />
    </>
  );
}
