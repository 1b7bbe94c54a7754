import type { PipelineRun, StepRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import type { ReactNode } from 'react';
import { pipelineCalls } from '../../calls/pipelines.js';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { bare, causeOf } from '../../parts/meaning.js';
import { Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { fixed, metricTitle, moment, span } from '../../text.js';
import { secondsOfRun } from './runs-table.js';
import { secondsOfStep } from './step-graph.js';

/** Two runs side by side: what each was about, how its steps went, and how good its challenger was. */
export function CompareRuns({ before, after }: { readonly before: string; readonly after: string }) {
  const [first, second] = [useAnswer(pipelineCalls.pipelineRun(before)), useAnswer(pipelineCalls.pipelineRun(after))];
  return (
    <>
      <p className="crumbs">
        <Link href="/pipelines">Pipelines</Link>
      </p>
      <h1>
        Run {before.slice(-6)} and run {after.slice(-6)}
      </h1>
      <Shown answer={first} what="the first run">
        {(one) => (
          <Shown answer={second} what="the second run">
            {(other) => <SideBySide runs={[one, other]} />}
          </Shown>
        )}
      </Shown>
    </>
  );
}

type Two<T> = readonly [T, T];

function SideBySide({ runs }: { readonly runs: Two<PipelineRun> }) {
  const heads = runs.map(({ name }) => `Run ${name.slice(-6)}`);
  const facts: readonly (readonly [string, (run: PipelineRun) => ReactNode])[] = [
    ['Run', ({ name }) => <Resource name={name} />],
    ['Started', ({ cause, createTime }) => `${causeOf(cause?.kind)}, ${moment(createTime)}`],
    ['State', ({ status }) => <State of={status?.state ?? ''} />],
    ['Came to', ({ outcome }) => (outcome ? <State of={outcome.decision} /> : '–')],
    ['Took', (run) => (secondsOfRun(run) === undefined ? '–' : span(secondsOfRun(run) ?? 0))],
    ['The file', ({ pipelineVersion }) => `version ${pipelineVersion.split('/').at(-1)}`],
    ['Data', ({ steps }) => named(steps, 'dataset_version')],
    ['Rows to train and judge', ({ steps }) => Number(steps.find(({ kind }) => kind === 'training_set')?.outputs['rows'] ?? Number.NaN).toLocaleString('en-GB')],
    ['Model version', ({ steps }) => named(steps, 'model_version')],
  ];
  return (
    <>
      <Table title="What they were about" hidden rows={facts} keyOf={([title]) => title} columns={[{ head: 'What', cell: ([title]) => title }, ...runs.map((run, i) => ({ head: heads[i] ?? '', cell: ([, of]: (typeof facts)[number]) => of(run) }))]} />
      <h2>Steps</h2>
      <StepTable runs={runs} heads={heads} />
      <h2>How good their challengers were</h2>
      <Challengers runs={runs} heads={heads} />
    </>
  );
}

function named(steps: readonly StepRun[], key: string) {
  const name = steps.map(({ outputs }) => outputs[key] ?? '').findLast((each) => each !== '');
  return name === undefined ? '–' : <Resource name={name} />;
}

function StepTable({ runs, heads }: { readonly runs: Two<PipelineRun>; readonly heads: readonly string[] }) {
  const ids = [...new Set(runs.flatMap(({ steps }) => steps.map(({ id }) => id)))];
  const of = (run: PipelineRun, id: string): StepRun | undefined => run.steps.find((step) => step.id === id);
  const made = (id: string): string => {
    const [before = '', after = ''] = runs.map((run) => of(run, id)?.outputs['digest'] ?? of(run, id)?.cacheKey ?? '');
    return before === '' || after === '' ? '–' : before === after ? 'the same' : 'something else';
  };
  return (
    <Table
      title="Steps of both"
      hidden
      rows={ids}
      keyOf={(id) => id}
      columns={[
        { head: 'Step', cell: (id) => id },
        ...runs.map((run, i) => ({ head: heads[i] ?? '', cell: (id: string) => <StepCell step={of(run, id)} /> })),
        { head: 'Made', cell: made },
      ]}
    />
  );
}

function StepCell({ step }: { readonly step: StepRun | undefined }) {
  if (!step) return '–';
  const seconds = secondsOfStep(step);
  return (
    <>
      <State of={step.state} /> {seconds === undefined || bare(step.state) === 'CACHED' ? '' : span(seconds)}
    </>
  );
}

const evaluationOf = ({ steps }: PipelineRun): string | undefined => steps.map(({ outputs }) => outputs['evaluation'] ?? '').find((each) => each !== '');

function Challengers({ runs, heads }: { readonly runs: Two<PipelineRun>; readonly heads: readonly string[] }) {
  const names = [evaluationOf(runs[0]), evaluationOf(runs[1])];
  const answers = [useAnswer(names[0] === undefined ? undefined : registryCalls.evaluation(names[0])), useAnswer(names[1] === undefined ? undefined : registryCalls.evaluation(names[1]))];
  if (names.every((name) => name === undefined)) return <p className="quiet">Neither has judged one.</p>;
  const estimates = ({ rungs }: Evaluation | { readonly rungs: Evaluation['rungs'] }) => rungs.at(-1)?.metrics ?? [];
  const missing = answers.find(({ value }, i) => names[i] !== undefined && value === undefined);
  if (missing) return <Shown answer={missing} what="what was judged">{() => undefined}</Shown>;
  const both = answers.map(({ value }) => (value ? estimates(value) : []));
  const metrics = [...new Set(both.flat().map(({ metric }) => metric))];
  return (
    <>
      <p className="lead">Each was judged on rows of its own, so a difference may be one of the rows. The ladder of each run compares models on the same rows.</p>
      <Table
        title="Figures of both challengers"
        hidden
        rows={metrics}
        keyOf={(metric) => metric}
        columns={[
          { head: 'Metric', cell: metricTitle },
          ...both.map((all, i) => ({
            head: heads[i] ?? '',
            figures: true,
            cell: (metric: string) => {
              const found = all.find((each) => each.metric === metric);
              return found ? `${fixed(found.value)} (${fixed(found.low)} to ${fixed(found.high)})` : '–';
            },
          })),
        ]}
      />
    </>
  );
}
