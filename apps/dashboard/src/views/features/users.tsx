import type { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { featureCalls } from '../../calls/features.js';
import { registryCalls } from '../../calls/registry.js';
import { together, useAnswer, useAnswers } from '../../client/answers.js';
import { Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { numberOf } from '../../text.js';

/** Who uses a view: the feature services that name it, the views on demand that read it, the model versions that learnt by these services, and the endpoints that serve with them. */
export function Users({ view }: { readonly view: string }) {
  const known = together({ services: useAnswer(featureCalls.featureServices()), views: useAnswer(featureCalls.featureViews()), models: useAnswer(registryCalls.models()) });
  const pages = useAnswers((known.value?.models.models ?? []).map(({ name }) => registryCalls.modelVersions(name)));
  return (
    <Shown answer={known} what="who uses it">
      {({ services: { featureServices }, views: { featureViews } }) => <Known view={view} services={featureServices} views={featureViews} versions={pages.every((page) => page !== undefined) ? pages.flatMap(({ modelVersions }) => modelVersions) : undefined} />}
    </Shown>
  );
}

interface Parts {
  readonly view: string;
  readonly services: readonly FeatureService[];
  readonly views: readonly FeatureView[];
  /** Undefined until all are known. */
  readonly versions: readonly ModelVersion[] | undefined;
}

function Known({ view, services, views, versions }: Parts) {
  const readers = views.filter(({ onDemand }) => onDemand?.features.some(({ featureView }) => featureView === view));
  const through = new Set([view, ...readers.map(({ name }) => name)]);
  const using = services.filter(({ features }) => features.some(({ featureView }) => through.has(featureView)));
  return (
    <>
      {readers.length === 0 ? undefined : <p>Read by the formulas of {readers.map(({ name }, i) => <span key={name}>{i > 0 ? ', ' : ''}<Resource name={name} /></span>)}.</p>}
      {using.length === 0 ? (
        <p className="quiet">No feature service names it, so that no model reads it yet. A pipeline file names what a model reads under <code>features</code>.</p>
      ) : (
        <Table
          title="Users of the view"
          hidden
          rows={using}
          keyOf={({ name }) => name}
          columns={[
            { head: 'Feature service', cell: ({ name }) => <Resource name={name} /> },
            { head: 'Reads it as', cell: ({ features }) => features.filter(({ featureView }) => through.has(featureView)).map(({ prefix, features: named }) => `${prefix === '' ? '' : `${prefix}… `}${named.length === 0 ? 'all features' : named.join(', ')}`).join('; ') },
            { head: 'Models that learnt by it', cell: ({ name }) => versions ? <Versions names={versions.filter(({ origin }) => origin?.featureService === name).map((version) => version.name)} /> : '…' },
            { head: 'Endpoints', cell: ({ endpoints }) => (endpoints.length === 0 ? 'none' : endpoints.map((each) => <span key={each} className="pair"><Resource name={each} /></span>)) },
            { head: 'A vector', cell: ({ name }) => <Link href={`/services/${numberOf(name)}`}>Look it up</Link> },
          ]}
        />
      )}
    </>
  );
}

/** So many of the newest versions are named. */
const NEWEST = 5;

function Versions({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return 'none yet';
  return (
    <>
      {names.slice(0, NEWEST).map((name) => (
        <span key={name} className="pair">
          <Resource name={name} />
        </span>
      ))}
      {names.length > NEWEST ? <small>and {names.length - NEWEST} older</small> : undefined}
    </>
  );
}
