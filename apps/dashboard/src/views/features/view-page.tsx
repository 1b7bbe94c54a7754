import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { featureCalls } from '../../calls/features.js';
import { useAnswer } from '../../client/answers.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Shown } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { moment, numberOf, span } from '../../text.js';
import { Tags } from './catalogue.js';
import { Freshness, Reach } from './freshness.js';
import { Statistics } from './statistics.js';
import { Users } from './users.js';
import { Versions } from './versions.js';
import { fullyOf, knownOf } from './words.js';

/** One feature view. */
export function ViewPage({ name }: { readonly name: string }) {
  const views = useAnswer(featureCalls.featureViews());
  return (
    <>
      <p className="crumbs">
        <Link href="/features">Features</Link>
      </p>
      <h1>{numberOf(name)}</h1>
      <Shown answer={views} what="the view">
        {({ featureViews }) => {
          const view = featureViews.find((each) => each.name === name);
          if (!view) return <Empty title="There is no such view">The list of all views has those that there are.</Empty>;
          return (
            <>
              <p className="lead">
                {view.description} <Freshness view={view} />
              </p>
              <ViewFacts view={view} />
              <h2>What it computes</h2>
              <Table
                title="Features"
                hidden
                rows={view.features}
                keyOf={(feature) => feature.name}
                columns={[{ head: 'Feature', cell: (feature) => feature.name }, { head: 'Is the', cell: (feature) => fullyOf(view, feature) }, ...(view.onDemand ? [{ head: 'Type', cell: ({ type }: (typeof view.features)[number]) => bare(type).toLowerCase() }] : [])]}
              />
              {view.onDemand ? undefined : <Statistics view={view} />}
              <h2>Who uses it</h2>
              <Users view={name} />
              <h2>What it was</h2>
              <Versions view={name} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

function ViewFacts({ view }: { readonly view: FeatureView }) {
  const { entity, dataset, ttl, tile, freshness, joinKeyColumns, onDemand, owner, tags, version } = view;
  const people = [['Owner', owner || '–'], ['Tags', Object.keys(tags).length === 0 ? '–' : <Tags key="tags" tags={tags} />], ['Version', String(version)]] as const;
  if (onDemand) return <Facts facts={[['Asks for', onDemand.requestColumns.map(({ name, type }) => `${name} (${bare(type).toLowerCase()})`).join(', ') || '–'], ['Reads', onDemand.features.map(({ featureView }) => <Resource key={featureView} name={featureView} />)], ...people]} />;
  return (
    <Facts
      facts={[
        ['Entity', entity.split('/')[1] ?? '–'],
        ['Join keys', Object.entries(joinKeyColumns).map(([key, column]) => (key === column ? key : `${key} from ${column}`)).join(', ') || '–'],
        ['Dataset', dataset === '' ? '–' : <Resource key="dataset" name={dataset} />],
        ['A row was true at', view.eventTimeColumn || '–'],
        ['It could be known at', knownOf(view)],
        ['Greatest age (TTL)', ttl ? span(Number(ttl.seconds)) : 'for ever'],
        ['Tile', tile ? span(Number(tile.seconds)) : '1 h'],
        ['Filled from', freshness?.datasetVersion ? <Resource key="from" name={freshness.datasetVersion} /> : 'nothing yet'],
        ['Pushed through', moment(freshness?.pushedThrough)],
        ['Knows up to', <Reach key="reach" view={view} />],
        ...people,
      ]}
    />
  );
}
