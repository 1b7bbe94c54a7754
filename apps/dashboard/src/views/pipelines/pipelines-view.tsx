import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { Firing, Trigger } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { useAnswer } from '../../client/answers.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { bare, causeOf } from '../../parts/meaning.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Sentence } from '../../parts/why.js';
import { Link, Resource } from '../../router.js';
import { age, count, moment, numberOf, span } from '../../text.js';

/** Pipelines and their runs: all of them, or one with its file and triggers. */
export function PipelinesView({ below: [pipeline] }: { readonly below: readonly string[] }) {
  return pipeline === undefined ? <Pipelines /> : <PipelinePage pipeline={`pipelines/${pipeline}`} />;
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
                  { head: 'Triggers', cell: ({ paused }) => <State tone={paused ? 'watch' : 'good'} word={paused ? 'paused' : 'watching'} /> },
                  { head: 'Version of the file', figures: true, cell: ({ latestVersion }) => numberOf(latestVersion) },
                  { head: 'Last run', cell: ({ name }) => <LastRun run={runs.value?.pipelineRuns.find(({ pipelineVersion }) => pipelineVersion.startsWith(`${name}/`))} /> },
                ]}
              />
              <h2>Runs</h2>
              <Shown answer={runs} what="runs">{({ pipelineRuns }) => <Runs runs={pipelineRuns} />}</Shown>
            </>
          )
        }
      </Shown>
    </>
  );
}

const LastRun = ({ run }: { readonly run: PipelineRun | undefined }) => (run ? <><Resource name={run.name} /> <State of={run.status?.state ?? ''} /></> : 'never');

function Runs({ runs }: { readonly runs: readonly PipelineRun[] }) {
  if (runs.length === 0) return <Empty title="No run yet" command="npx millrace run PIPELINE">Start one by hand, or wait for a trigger.</Empty>;
  return (
    <Table
      title="Runs, newest first"
      hidden
      rows={runs}
      keyOf={({ name }) => name}
      columns={[
        { head: 'Run', cell: ({ name }) => <Resource name={name} /> },
        { head: 'Pipeline', cell: ({ pipelineVersion }) => <Resource name={pipelineVersion.split('/').slice(0, 2).join('/')} /> },
        { head: 'Started', cell: ({ cause, createTime }) => `${causeOf(cause?.kind)}, ${age(createTime)}` },
        { head: 'State', cell: ({ status }) => <State of={status?.state ?? ''} /> },
        { head: 'Came to', cell: ({ outcome }) => (outcome ? <State of={outcome.decision} /> : '–') },
        { head: 'Took', figures: true, cell: ({ status }) => (status?.startTime ? span(((status.endTime ?? new Date()).getTime() - status.startTime.getTime()) / 1_000) : '–') },
      ]}
    />
  );
}

function PipelinePage({ pipeline }: { readonly pipeline: string }) {
  const pipelines = useAnswer(pipelineCalls.pipelines());
  const triggers = useAnswer(pipelineCalls.triggers(pipeline));
  const firings = useAnswer(pipelineCalls.firings());
  const runs = useAnswer(pipelineCalls.pipelineRuns());
  const latest = pipelines.value?.pipelines.find(({ name }) => name === pipeline)?.latestVersion;
  const version = useAnswer(latest === undefined ? undefined : pipelineCalls.pipelineVersion(latest));
  return (
    <>
      <p className="crumbs">
        <Link href="/pipelines">Pipelines</Link>
      </p>
      <h1>{pipeline.split('/')[1]}</h1>
      <Shown answer={triggers} what="triggers">{({ triggers: all }) => <Triggers triggers={all} firings={firings.value?.firings ?? []} />}</Shown>
      <h2>Runs</h2>
      <Shown answer={runs} what="runs">{({ pipelineRuns }) => <Runs runs={pipelineRuns.filter(({ pipelineVersion }) => pipelineVersion.startsWith(`${pipeline}/`))} />}</Shown>
      {version.value ? (
        <>
          <h2>The file, version {numberOf(version.value.name)}</h2>
          <pre className="file" tabIndex={0} aria-label="Pipeline file">
            <code>{version.value.source}</code>
          </pre>
        </>
      ) : undefined}
    </>
  );
}

function guardsOf({ guards }: Trigger): string {
  if (!guards) return 'none';
  const parts = [guards.cooldownSeconds > 0n ? `cooldown ${span(Number(guards.cooldownSeconds))}` : '', guards.minNewLabels > 0n ? `at least ${count(guards.minNewLabels)} new labels` : ''].filter((part) => part !== '');
  return parts.join(', ') || 'none';
}

function Triggers({ triggers, firings }: { readonly triggers: readonly Trigger[]; readonly firings: readonly Firing[] }) {
  const own = firings.filter(({ trigger }) => triggers.some(({ name }) => name === trigger));
  return (
    <>
      <h2>What starts it</h2>
      {triggers.length === 0 ? (
        <p className="quiet">Only somebody by hand: the file names no trigger.</p>
      ) : (
        <Table
          title="Triggers"
          hidden
          rows={triggers}
          keyOf={({ name }) => name}
          columns={[
            { head: 'Trigger', cell: ({ name }) => name.split('.').at(-1) },
            { head: 'Fires', cell: ({ kind, cron }) => (cron === '' ? causeOf(kind) : `${causeOf(kind)} (${cron})`) },
            { head: 'Held back by', cell: guardsOf },
            { head: 'Next time', cell: ({ nextTime }) => (nextTime ? moment(nextTime) : '–') },
            { head: 'Last time', cell: ({ name }) => <LastFiring firing={own.find(({ trigger }) => trigger === name)} /> },
          ]}
        />
      )}
      {own.length === 0 ? undefined : (
        <>
          <h2>When it fired</h2>
          <Table
            title="Firings, newest first"
            hidden
            rows={own}
            keyOf={({ name }) => name}
            columns={[
              { head: 'Cause', cell: ({ cause }) => causeOf(cause?.kind) },
              { head: 'Decision', cell: ({ decision, pipelineRun }) => <><State of={decision} /> {bare(decision) === 'STARTED' ? <Resource name={pipelineRun} /> : undefined}</> },
              { head: 'Why', cell: ({ why }) => <Sentence text={why} /> },
              { head: 'When', cell: ({ createTime }) => age(createTime) },
            ]}
          />
        </>
      )}
    </>
  );
}

const LastFiring = ({ firing }: { readonly firing: Firing | undefined }) => (firing ? <><State of={firing.decision} /> {age(firing.createTime)}</> : 'never');
