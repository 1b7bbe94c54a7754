import type { ListPipelineRunsResponse } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { pipelineCalls } from '../../calls/pipelines.js';
import { useAnswer } from '../../client/answers.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { numberOf } from '../../text.js';
import { PipelinePage } from './pipeline-page.js';
import { RunsTable } from './runs-table.js';

/** Pipelines and their runs: all of them, or one with its file and triggers. */
export function PipelinesView({ below: [pipeline] }: { readonly below: readonly string[] }) {
  return pipeline === undefined ? <Pipelines /> : <PipelinePage name={`pipelines/${pipeline}`} />;
}

function Pipelines() {
  const pipelines = useAnswer(pipelineCalls.pipelines());
  const runs = useAnswer(pipelineCalls.pipelineRuns());
  return (
    <>
      <h1>Pipelines and runs</h1>
      <p className="lead">A pipeline is one file that says everything; a run makes what it says, step by step.</p>
      <Shown answer={pipelines} what="pipelines">
        {({ pipelines: all }) =>
          all.length === 0 ? (
            <Empty title="No pipeline yet" command="npx millrace apply examples/flights/millrace.yaml">
              Apply a file: it is checked, and refused with its reason where training would see what serving cannot.
            </Empty>
          ) : (
            <>
              <Table
                title="Pipelines"
                hidden
                rows={all}
                keyOf={({ name }) => name}
                columns={[
                  { head: 'Pipeline', cell: ({ name }) => <Resource name={name} /> },
                  { head: 'Says of itself', cell: ({ description }) => <span className="prose">{description || '–'}</span> },
                  { head: 'Triggers', cell: ({ paused }) => <State tone={paused ? 'watch' : 'good'} word={paused ? 'paused' : 'watching'} /> },
                  { head: 'Version of the file', figures: true, cell: ({ latestVersion }) => numberOf(latestVersion) },
                  { head: 'Last run', cell: ({ name }) => <LastRun pipeline={name} runs={runs.value} /> },
                ]}
              />
              <h2>Runs</h2>
              <RunsTable />
            </>
          )
        }
      </Shown>
    </>
  );
}

function LastRun({ pipeline, runs }: { readonly pipeline: string; readonly runs: ListPipelineRunsResponse | undefined }) {
  if (!runs) return '…';
  const run = runs.pipelineRuns.find(({ pipelineVersion }) => pipelineVersion.startsWith(`${pipeline}/`));
  if (!run) return runs.nextPageToken === '' ? 'never' : `not among the last ${runs.pipelineRuns.length} runs`;
  return (
    <>
      <Resource name={run.name} /> <State of={run.status?.state ?? ''} />
    </>
  );
}
