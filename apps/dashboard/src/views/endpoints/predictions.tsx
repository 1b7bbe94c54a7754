import { endpointCalls } from '../../calls/endpoints.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { age, figure, moment, numberOf } from '../../text.js';
import { oddOf } from './prediction-answer.js';

/** What an endpoint was asked last, newest first. */
export function Predictions({ name }: { readonly name: string }) {
  const pages = usePages((token) => endpointCalls.predictions(name, token));
  const records = pages.pages.flatMap(({ predictions }) => predictions.flatMap(({ record }) => (record ? [record] : [])));
  return (
    <section>
      <h2>Newest predictions</h2>
      <Shown answer={pages.first} what="predictions">
        {() =>
          records.length === 0 ? (
            <Empty title="No prediction yet" command={`npx millrace predict ${numberOf(name)} --row '{…}'`}>
              What is asked and answered is logged, so that it can be watched and explained. <Link href={`/${name}/try`}>Try it</Link> with a form.
            </Empty>
          ) : (
            <Table
              title="Newest predictions"
              hidden
              rows={records}
              keyOf={({ id }) => id}
              columns={[
                { head: 'Prediction', cell: ({ id }) => <Link href={`/${name}/predictions/${id}`}>{id.slice(-8)}</Link> },
                { head: 'Score', figures: true, cell: ({ score }) => figure(score) },
                { head: 'Version', cell: ({ modelVersion }) => <Resource name={modelVersion} as={numberOf(modelVersion)} /> },
                { head: 'What was odd', cell: ({ flags }) => oddOf(flags) },
                { head: 'About', cell: ({ eventTime }) => <span className="whole-line">{moment(eventTime)}</span> },
                { head: 'Answered', cell: ({ predictTime }) => <span className="whole-line">{age(predictTime)}</span> },
              ]}
            />
          )
        }
      </Shown>
      <More of={pages} shown={records.length} noun="predictions" />
    </section>
  );
}
