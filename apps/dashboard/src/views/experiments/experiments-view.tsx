import { usePages } from '../../client/pages.js';
import { registryCalls } from '../../calls/registry.js';
import { More } from '../../parts/more.js';
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
  const list = usePages(registryCalls.experiments);
  const all = list.pages.flatMap(({ experiments }) => experiments);
  return (
    <>
      <h1>Experiments</h1>
      <p className="lead">An experiment holds the runs that answer one question, each with its parameters and what it measured.</p>
      <Shown answer={list.first} what="experiments">
        {() =>
          all.length === 0 ? (
            <Empty title="No experiment yet" command="npx millrace run late-flights">
              A run of a pipeline notes what it trained and measured here.
            </Empty>
          ) : (
            <>
              <Table
                title="Experiments"
                hidden
                rows={all}
                keyOf={({ name }) => name}
                columns={[
                  { head: 'Experiment', cell: ({ name }) => <Resource name={name} /> },
                  { head: 'Says of itself', cell: ({ description }) => <span className="prose">{description || '–'}</span> },
                  { head: 'Since', cell: ({ createTime }) => age(createTime) },
                ]}
              />
              <More of={list} shown={all.length} noun="experiments" />
            </>
          )
        }
      </Shown>
    </>
  );
}
