import type { ExplainedFeature, SourceRow } from '@millrace/contracts/millrace/features/v1/explanation';
import type { ListSourceRowsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { type AskedKey, featureCalls } from '../../calls/features.js';
import { useAnswer } from '../../client/answers.js';
import { type Pages, usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { valueText } from '../../parts/value.js';
import { Resource } from '../../router.js';
import { count, moment, numberOf } from '../../text.js';
import { fullyOf } from './words.js';

/** The rows that one feature of a key was made of, each with its place in the dataset version or the push, those first that were known last. */
export function SourceRows({ asked, feature, served }: { readonly asked: AskedKey; readonly feature: string; readonly served?: Value | undefined }) {
  const explanation = useAnswer(featureCalls.explanation(asked));
  const pages = usePages(featureCalls.sourceRows(asked, feature));
  const explained = explanation.value?.features.find((each) => each.feature === feature);
  return (
    <Shown answer={explanation} what="what it was made of">
      {() =>
        !explained ? (
          <Empty title="There is no such feature">The vector lists those that the service reads.</Empty>
        ) : (
          <>
            <FeatureFacts explained={explained} served={served} />
            {explained.datasetVersion === '' ? <Empty title="A formula">It is computed of {explained.reads.join(', ')} when it is asked for, and has no rows of its own.</Empty> : <Rows pages={pages} incomplete={explained.incomplete} />}
          </>
        )
      }
    </Shown>
  );
}

function FeatureFacts({ explained: { value, featureView, datasetVersion, knownFrom, knownTo, rows, pushedRows, historyThrough, feature }, served }: { readonly explained: ExplainedFeature; readonly served: Value | undefined }) {
  const views = useAnswer(featureCalls.featureViews());
  const view = views.value?.featureViews.find(({ name }) => name === featureView);
  // The service may call it by a prefix.
  const definition = view?.features.filter(({ name }) => feature.includes(name)).sort((a, b) => b.name.length - a.name.length)[0];
  return (
    <Facts
      facts={[
        ...(served ? [['Was served', <b key="served">{valueText(served)}</b>] as const] : []),
        ['History says', <b key="value">{value?.kind ? valueText(value) : 'no value'}</b>],
        ['It is the', view && definition ? fullyOf(view, definition) : '–'],
        ['Of', <Resource key="view" name={featureView} />],
        ...(datasetVersion === '' ? [] : [['Made of', `${count(rows)} rows${pushedRows > 0n ? `, of which ${count(pushedRows)} were pushed since` : ''}`] as const, ['Known', knownFrom && knownTo ? `from ${moment(knownFrom)} to before ${moment(knownTo)}` : 'by then, the newest of them'] as const, ['History', <Resource key="version" name={datasetVersion} />] as const, ['It reaches to', moment(historyThrough)] as const]),
      ]}
    />
  );
}

function Rows({ pages, incomplete }: { readonly pages: Pages<ListSourceRowsResponse>; readonly incomplete: boolean }) {
  const rows = pages.pages.flatMap(({ sourceRows }) => sourceRows);
  const columns = Object.keys(rows[0]?.cells?.values ?? {}).sort();
  return (
    <>
      <h2>Its source rows</h2>
      {incomplete ? <p className="quiet">Rows that were pushed and that it may have been made of are no longer kept, and no version holds them: the value may be another one than was served.</p> : undefined}
      <Shown answer={pages.first} what="source rows">
        {({ totalSize, datasetVersion }) =>
          rows.length === 0 ? (
            <Empty title="No row">No row of this key could be known in its window.</Empty>
          ) : (
            <>
              <p className="quiet">{count(totalSize)} in all, those first that could be known last.</p>
              <Table
                title="Source rows"
                hidden
                rows={rows}
                keyOf={({ row, push }) => `${push} ${row}`}
                columns={[
                  { head: 'Place', cell: (row) => <Place of={row} version={datasetVersion} /> },
                  { head: 'Counts as', figures: true, cell: ({ value }) => (value?.kind ? valueText(value) : 'a row') },
                  { head: 'Could be known', cell: ({ knownTime }) => moment(knownTime) },
                  ...columns.map((column) => ({ head: column, cell: ({ cells }: SourceRow) => valueText(cells?.values[column]) })),
                ]}
              />
              <More of={pages} shown={rows.length} noun="rows" />
            </>
          )
        }
      </Shown>
    </>
  );
}

const Place = ({ of: { row, push }, version }: { readonly of: SourceRow; readonly version: string }) =>
  push === 0n ? <>row {count(row)}<small className="below">of <Resource name={version} as={`${numberOf(version.slice(0, version.indexOf('/versions/')))} ${numberOf(version)}`} /></small></> : <>row {count(row)}<small className="below">of push {String(push)}</small></>;
