import type { Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { useAnswer } from '../../client/answers.js';
import { registryCalls } from '../../calls/registry.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { age, fixed, metricTitle } from '../../text.js';

/** Experiments: all of them, or one with its runs side by side. */
export function ExperimentsView({ experiment }: { readonly experiment: string | undefined }) {
  return experiment === undefined ? <Experiments /> : <ExperimentPage name={`experiments/${experiment}`} />;
}

function Experiments() {
  const experiments = useAnswer(registryCalls.experiments());
  return (
    <>
      <h1>Experiments</h1>
      <p className="lead">An experiment holds the runs that answer one question, each with its parameters and what it measured.</p>
      <Shown answer={experiments} what="experiments">
        {({ experiments: all }) =>
          all.length === 0 ? (
            <Empty title="No experiment yet" command="npx millrace run late-flights">
              A run of a pipeline notes what it trained and measured here.
            </Empty>
          ) : (
            <Table
              title="Experiments"
              hidden
              rows={all}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Experiment', cell: ({ name }) => <Resource name={name} /> },
                { head: 'Says of itself', cell: ({ description }) => description || '–' },
                { head: 'Since', cell: ({ createTime }) => age(createTime) },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}

/** So many metrics stand side by side; the view of a pipeline run has them all, with intervals. */
const SIDE_BY_SIDE = 6;

/** The metrics that are shown: the log loss of every model first, then other ones. */
function metricsOf(runs: readonly Run[]): readonly string[] {
  const names = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return [...names.filter((name) => name.endsWith('log_loss')), ...names.filter((name) => name.endsWith('auc')), ...names.filter((name) => !/(log_loss|auc)$/.test(name))].slice(0, SIDE_BY_SIDE);
}

/** Runs of pipelines name a metric after its model, such as `trees.log_loss`. */
function titleOf(metric: string): string {
  const [model = '', name] = metric.split('.');
  return name === undefined ? metricTitle(model) : `${model}: ${metricTitle(name)}`;
}

function ExperimentPage({ name }: { readonly name: string }) {
  const runs = useAnswer(registryCalls.experimentRuns(name));
  return (
    <>
      <p className="crumbs">
        <Link href="/experiments">Experiments</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      <Shown answer={runs} what="runs">
        {({ runs: all }) =>
          all.length === 0 ? (
            <Empty title="No run yet">Runs appear here as they begin.</Empty>
          ) : (
            <Table
              title="Runs, newest first"
              hidden
              rows={all}
              keyOf={(run) => run.name}
              columns={[
                { head: 'Run', cell: ({ displayName, name: run }) => displayName || run.slice(-6) },
                { head: 'State', cell: ({ state }) => <State of={state} /> },
                { head: 'Pipeline run', cell: ({ tags }) => (tags['pipeline_run'] ? <Resource name={tags['pipeline_run']} /> : '–') },
                ...metricsOf(all).map((metric) => ({ head: titleOf(metric), figures: true, cell: ({ metrics }: Run) => fixed(metrics[metric]) })),
                { head: 'Began', cell: ({ startTime }) => age(startTime) },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}
