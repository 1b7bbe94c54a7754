import { useAnswer } from '../../client/answers.js';
import { registryCalls } from '../../calls/registry.js';
import { Empty, Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age } from '../../text.js';
import { ExperimentPage } from './experiment-page.js';

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
