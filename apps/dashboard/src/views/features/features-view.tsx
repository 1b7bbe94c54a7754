import type { Feature, FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { useAnswer } from '../../client/answers.js';
import { featureCalls } from '../../calls/features.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { age, count, moment, span } from '../../text.js';

/** Features: every view and service, or one view with what it computes. */
export function FeaturesView({ view }: { readonly view: string | undefined }) {
  return view === undefined ? <Views /> : <ViewPage name={`featureViews/${view}`} />;
}

/** How new the online values of a view are, as a state. */
function Freshness({ view: { freshness, onDemand } }: { readonly view: FeatureView }) {
  if (onDemand) return <State tone="good" word="computed when asked for" />;
  if (!freshness?.materializeTime) return <State tone="idle" word="not filled yet" />;
  return freshness.outdated ? <State tone="watch" word="means something else since it was filled" /> : <State tone="good" word={`filled ${age(freshness.materializeTime)}`} />;
}

function Views() {
  const views = useAnswer(featureCalls.featureViews());
  const services = useAnswer(featureCalls.featureServices());
  return (
    <>
      <h1>Features</h1>
      <p className="lead">A feature view is a group of features of one entity, with two times: when a row was true, and when it could be known. Training and serving read the same.</p>
      <Shown answer={views} what="feature views">
        {({ featureViews: all }) =>
          all.length === 0 ? (
            <Empty title="No feature view yet" command="npx millrace apply examples/flights/millrace.yaml">
              A pipeline file names entities and feature views; a run of it makes them.
            </Empty>
          ) : (
            <>
              <Table
                title="Feature views"
                hidden
                rows={all}
                keyOf={({ name }) => name}
                columns={[
                  { head: 'View', cell: ({ name }) => <Resource name={name} /> },
                  { head: 'Online values', cell: (view) => <Freshness view={view} /> },
                  { head: 'Features', figures: true, cell: ({ features }) => count(features.length) },
                  { head: 'From', cell: ({ dataset }) => (dataset === '' ? 'other views' : <Resource name={dataset} />) },
                  { head: 'Says of itself', cell: ({ description }) => description || '–' },
                ]}
              />
              <Services services={services.value?.featureServices ?? []} />
            </>
          )
        }
      </Shown>
    </>
  );
}

function Services({ services }: { readonly services: readonly FeatureService[] }) {
  if (services.length === 0) return undefined;
  return (
    <>
      <h2>What models read</h2>
      <Table
        title="Feature services"
        hidden
        rows={services}
        keyOf={({ name }) => name}
        columns={[
          { head: 'Feature service', cell: ({ name }) => name.split('/')[1] },
          { head: 'Views', cell: ({ features }) => features.map(({ featureView, prefix }) => <span key={`${featureView} ${prefix}`} className="pair"><Resource name={featureView} /> {prefix === '' ? '' : <>as <code>{prefix}…</code></>}</span>) },
          { head: 'Serves', cell: ({ endpoints }) => (endpoints.length === 0 ? 'no endpoint' : endpoints.map((name) => <Resource key={name} name={name} />)) },
        ]}
      />
    </>
  );
}

const FOLDS: Readonly<Record<string, string>> = { LATEST: 'latest', COUNT: 'count of rows', SUM: 'sum', MEAN: 'mean', MIN: 'least', MAX: 'most', LATEST_PRESENT: 'latest that is there', PREVIOUS: 'previous', DIFFERENCE: 'difference' };

function saysOf({ aggregation, column, formula, window, stepsBack }: Feature): string {
  if (formula !== '') return formula;
  const fold = FOLDS[aggregation.replace('AGGREGATION_', '')] ?? 'latest';
  return `${fold}${column === '' ? '' : ` of ${column}`}${window ? ` over ${span(Number(window.seconds))}` : ''}${stepsBack > 1 ? `, ${stepsBack} events back` : ''}`;
}

function ViewPage({ name }: { readonly name: string }) {
  const views = useAnswer(featureCalls.featureViews());
  return (
    <>
      <p className="crumbs">
        <Link href="/features">Features</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      <Shown answer={views} what="the view">
        {({ featureViews }) => {
          const view = featureViews.find((each) => each.name === name);
          if (!view) return <Empty title="There is no such view">The list of all views has those that there are.</Empty>;
          const { description, entity, dataset, eventTimeColumn, ttl, tile, freshness, features, joinKeyColumns } = view;
          return (
            <>
              <p className="lead">
                {description} <Freshness view={view} />
              </p>
              <Facts
                facts={[
                  ['Entity', entity.split('/')[1] ?? '–'],
                  ['Join keys', Object.entries(joinKeyColumns).map(([key, column]) => `${key} from ${column}`).join(', ') || '–'],
                  ['Dataset', dataset === '' ? '–' : <Resource key="dataset" name={dataset} />],
                  ['Event time', eventTimeColumn || '–'],
                  ['Greatest age (TTL)', ttl ? span(Number(ttl.seconds)) : 'for ever'],
                  ['Tile', tile ? span(Number(tile.seconds)) : '1 h'],
                  ['Filled from', freshness?.datasetVersion ? <Resource key="from" name={freshness.datasetVersion} /> : 'nothing yet'],
                  ['Pushed through', moment(freshness?.pushedThrough)],
                ]}
              />
              <h2>What it computes</h2>
              <Table title="Features" hidden rows={features} keyOf={(feature) => feature.name} columns={[{ head: 'Feature', cell: (feature) => feature.name }, { head: 'Is the', cell: saysOf }]} />
            </>
          );
        }}
      </Shown>
    </>
  );
}
