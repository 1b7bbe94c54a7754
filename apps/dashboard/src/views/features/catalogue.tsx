import type { Feature, FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { useState } from 'react';
import { dataCalls } from '../../calls/data.js';
import { featureCalls } from '../../calls/features.js';
import { useAnswer, useAnswers } from '../../client/answers.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { count, numberOf, plural } from '../../text.js';
import { Freshness, Reach } from './freshness.js';
import { saysOf, tagsOf, typeOf } from './words.js';

/** Every feature view, every feature and every feature service, found by any word of them. */
export function Catalogue() {
  const views = useAnswer(featureCalls.featureViews());
  const services = useAnswer(featureCalls.featureServices());
  const [sought, seek] = useState('');
  return (
    <>
      <h1>Features</h1>
      <p className="lead">A feature view is a group of features of one entity, with two times: when a row was true, and when it could be known. Training and serving read the same.</p>
      <Shown answer={views} what="feature views">
        {({ featureViews: all }) => {
          if (all.length === 0)
            return (
              <Empty title="No feature view yet" command="npx millrace apply examples/flights/millrace.yaml">
                A pipeline file names entities and feature views; a run of it makes them.
              </Empty>
            );
          const words = sought.toLowerCase().split(/\s+/).filter((word) => word !== '');
          const fits = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
          const shown = all.filter((view) => fits([textOf(view), ...view.features.map((feature) => featureText(view, feature))].join(' ')));
          const features = all.flatMap((view) => view.features.filter((feature) => fits(featureText(view, feature))).map((feature) => ({ view, feature })));
          return (
            <>
              <p className="acts seek">
                <label>
                  Find <input type="search" value={sought} onChange={({ target }) => seek(target.value)} placeholder="name, owner, tag, entity, dataset …" />
                </label>
                <small role="status">{sought === '' ? `${plural(all.length, 'view')}, ${plural(features.length, 'feature')}` : `${count(shown.length)} of ${plural(all.length, 'view')}, ${plural(features.length, 'feature')}`}</small>
              </p>
              {shown.length === 0 ? <Empty title="Nothing like that">No view or feature has all of these words in its name, owner, tags, entity, dataset or description.</Empty> : <Views views={shown} />}
              <Features features={features} />
              <Services services={(services.value?.featureServices ?? []).filter(({ name, description, owner, tags, features: of }) => fits([name, description, owner, ...tagsOf(tags), ...of.map(({ featureView }) => featureView)].join(' ')))} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

const textOf = ({ name, description, owner, tags, entity, dataset }: FeatureView): string => [name, description, owner, ...tagsOf(tags), entity, dataset].join(' ');
const featureText = (view: FeatureView, feature: Feature): string => `${textOf(view)} ${feature.name} ${saysOf(feature)} ${bare(feature.type)}`;

function Views({ views }: { readonly views: readonly FeatureView[] }) {
  return (
    <Table
      title="Feature views"
      hidden
      rows={views}
      keyOf={({ name }) => name}
      columns={[
        { head: 'View', cell: ({ name, description }) => <><Resource name={name} />{description === '' ? undefined : <small className="below">{description}</small>}</> },
        { head: 'Online values', cell: (view) => <Freshness view={view} /> },
        { head: 'Knows up to', cell: (view) => <Reach view={view} /> },
        { head: 'Features', figures: true, cell: ({ features }) => count(features.length) },
        { head: 'Entity', cell: ({ entity }) => (entity === '' ? '–' : numberOf(entity)) },
        { head: 'From', cell: ({ dataset }) => (dataset === '' ? 'other views' : <Resource name={dataset} />) },
        { head: 'Owner', cell: ({ owner }) => owner || '–' },
        { head: 'Tags', cell: ({ tags }) => (Object.keys(tags).length === 0 ? '–' : <Tags tags={tags} />) },
      ]}
    />
  );
}

/** Tags, each by itself. */
export const Tags = ({ tags }: { readonly tags: Readonly<Record<string, string>> }) => (
  <span className="tags">
    {tagsOf(tags).map((tag) => (
      <span key={tag}>{tag}</span>
    ))}
  </span>
);

/** So many features stand in the list at first. */
const FIRST = 40;

function Features({ features }: { readonly features: readonly { readonly view: FeatureView; readonly feature: Feature }[] }) {
  const [all, show] = useState(false);
  const datasets = [...new Set(features.flatMap(({ view }) => (view.dataset === '' ? [] : [view.dataset])))];
  const schemas = useAnswers(datasets.map((dataset) => dataCalls.datasetVersion(`${dataset}/versions/latest`))).map((version) => version?.schema);
  if (features.length === 0) return undefined;
  const shown = all ? features : features.slice(0, FIRST);
  return (
    <>
      <h2>Every feature</h2>
      <Table
        title="Every feature"
        hidden
        rows={shown}
        keyOf={({ view, feature }) => `${view.name} ${feature.name}`}
        columns={[
          { head: 'Feature', cell: ({ feature }) => feature.name },
          { head: 'Is the', cell: ({ feature }) => saysOf(feature) },
          { head: 'Type', cell: ({ view, feature }) => typeOf(view, feature, schemas[datasets.indexOf(view.dataset)]) ?? '–' },
          { head: 'Of', cell: ({ view }) => <Resource name={view.name} /> },
        ]}
      />
      {shown.length < features.length ? (
        <p className="more">
          <button type="button" onClick={() => show(true)}>
            Show all {count(features.length)}
          </button>{' '}
          <small>{shown.length} are shown</small>
        </p>
      ) : undefined}
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
          { head: 'Feature service', cell: ({ name, description }) => <><Resource name={name} />{description === '' ? undefined : <small className="below">{description}</small>}</> },
          { head: 'Views', cell: ({ features }) => features.map(({ featureView, prefix }) => <span key={`${featureView} ${prefix}`} className="pair"><Resource name={featureView} /> {prefix === '' ? '' : <>as <code>{prefix}…</code></>}</span>) },
          { head: 'Serves', cell: ({ endpoints }) => (endpoints.length === 0 ? 'no endpoint' : endpoints.map((name) => <Resource key={name} name={name} />)) },
          { head: 'A vector', cell: ({ name }) => <Link href={`/services/${numberOf(name)}`}>Look it up</Link> },
        ]}
      />
    </>
  );
}
