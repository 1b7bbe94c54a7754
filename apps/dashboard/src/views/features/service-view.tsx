import type { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { featureCalls } from '../../calls/features.js';
import { endpointCalls } from '../../calls/endpoints.js';
import { together, useAnswer } from '../../client/answers.js';
import { Empty, Shown } from '../../parts/states.js';
import { Facts } from '../../parts/table.js';
import { valueText } from '../../parts/value.js';
import { go, Link, Resource } from '../../router.js';
import { age, numberOf, plural } from '../../text.js';
import { type AskedColumn, askedColumns, parseQuestion, type Question, questionText, rowOf, timeOf } from './asked.js';
import { Tags } from './catalogue.js';
import { SourceRows } from './source-rows.js';
import { Vector } from './vector.js';

/** One feature service: what it reads, and the vector of any key; of one feature of a vector, the rows that it was made of. */
export function ServiceView({ below: [id = '', question, feature] }: { readonly below: readonly string[] }) {
  const name = `featureServices/${id}`;
  const services = useAnswer(featureCalls.featureServices());
  const known = together({ services, views: useAnswer(featureCalls.featureViews()) });
  return (
    <>
      <p className="crumbs">
        <Link href="/features">Features</Link>
        {question === undefined ? undefined : <> / <Link href={`/services/${id}`}>{id}</Link></>}
        {feature === undefined ? undefined : <> / <Link href={`/services/${id}/${question}`}>a vector</Link></>}
      </p>
      <h1>{feature === undefined ? id : decodeURIComponent(feature)}</h1>
      <Shown answer={known} what="the feature service">
        {({ services: { featureServices }, views: { featureViews: all } }) => {
          const service = featureServices.find((each) => each.name === name);
          if (!service) return <Empty title="There is no such feature service">The list of all features has those that there are.</Empty>;
          const columns = askedColumns(service, all);
          const asked = question === undefined ? undefined : parseQuestion(question);
          if (asked && feature !== undefined) return <Rows service={name} asked={asked} columns={columns} feature={decodeURIComponent(feature)} />;
          return (
            <>
              <p className="lead">{service.description || 'The features that one model reads, in their order, by the same definitions in training and in serving.'}</p>
              <ServiceFacts service={service} views={all} />
              <h2>A vector</h2>
              <Form key={question} service={service} columns={columns} asked={asked} />
              {asked ? <Asked service={service} views={all} columns={columns} asked={asked} place={`/services/${id}/${question ?? ''}`} /> : undefined}
            </>
          );
        }}
      </Shown>
    </>
  );
}

function ServiceFacts({ service: { features, endpoints, owner, tags }, views }: { readonly service: FeatureService; readonly views: readonly FeatureView[] }) {
  const many = features.reduce((sum, { featureView, features: named }) => sum + (named.length || (views.find(({ name }) => name === featureView)?.features.length ?? 0)), 0);
  return (
    <Facts
      facts={[
        ['Reads', plural(many, 'feature')],
        ['Of', features.map(({ featureView, prefix }) => <span key={`${featureView} ${prefix}`} className="pair"><Resource name={featureView} />{prefix === '' ? undefined : <> as <code>{prefix}…</code></>}</span>)],
        ['Serves', endpoints.length === 0 ? 'no endpoint' : endpoints.map((name) => <span key={name} className="pair"><Resource name={name} /></span>)],
        ['Owner', owner || '–'],
        ['Tags', Object.keys(tags).length === 0 ? '–' : <Tags key="tags" tags={tags} />],
      ]}
    />
  );
}

function Form({ service, columns, asked }: { readonly service: FeatureService; readonly columns: readonly AskedColumn[]; readonly asked: Question | undefined }) {
  const [endpoint] = service.endpoints;
  const newest = useAnswer(endpoint === undefined ? undefined : endpointCalls.predictions(endpoint)).value?.predictions[0];
  const ask = (question: Question): void => go(`/services/${numberOf(service.name)}/${questionText(question)}`);
  const asNewest = (): void => {
    const record = newest?.record;
    if (!newest || !record) return;
    const cells = Object.fromEntries(columns.flatMap(({ name }) => {
      const i = newest.inputs.indexOf(name);
      const value = record.inputs[i];
      return i < 0 || value?.kind === undefined ? [] : [[name, value.kind.$case === 'stringValue' ? value.kind.value : valueText(value)] as const];
    }));
    ask({ cells, time: record.eventTime?.toISOString() ?? '' });
  };
  const submit = (data: FormData): void => {
    const cells = Object.fromEntries(columns.flatMap(({ name }) => (String(data.get(`cell ${name}`) ?? '') === '' ? [] : [[name, String(data.get(`cell ${name}`)).trim()] as const])));
    ask({ cells, time: String(data.get('time') ?? '').trim() });
  };
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      {columns.map(({ name, isKey }) => (
        <label key={name}>
          {name}
          <input name={`cell ${name}`} defaultValue={asked?.cells[name] ?? ''} required={isKey} autoComplete="off" />
        </label>
      ))}
      <label>
        As of (UTC)
        <input name="time" defaultValue={asked?.time ?? ''} placeholder="now, or 2001-06-30 23:00" autoComplete="off" />
      </label>
      <p className="acts">
        <button type="submit" className="main">
          Look it up
        </button>
        {newest ? (
          <button type="button" onClick={asNewest}>
            As the newest prediction, {age(newest.record?.predictTime)}
          </button>
        ) : undefined}
      </p>
    </form>
  );
}

function Asked({ service, views, columns, asked, place }: { readonly service: FeatureService; readonly views: readonly FeatureView[]; readonly columns: readonly AskedColumn[]; readonly asked: Question; readonly place: string }) {
  const time = timeOf(asked);
  if (time && Number.isNaN(time.getTime())) return <p className="failure" role="alert"><strong>This is no time.</strong> “{asked.time}” should be such as 2001-06-30 23:00, in UTC.</p>;
  return <Vector asked={{ service: service.name, keys: rowOf(asked, columns), time }} views={views} place={place} />;
}

function Rows({ service, asked, columns, feature }: { readonly service: string; readonly asked: Question; readonly columns: readonly AskedColumn[]; readonly feature: string }) {
  return (
    <>
      <p className="lead">
        The rows that it was made of, for {columns.filter(({ isKey }) => isKey).map(({ name }) => `${name} ${asked.cells[name] ?? '–'}`).join(', ')}
        {asked.time === '' ? '' : ` as of ${asked.time.replace('T', ' ').replace(/(:00)?(\.000)?Z$/, '')}`}.
      </p>
      <SourceRows asked={{ service, keys: rowOf(asked, columns), time: timeOf(asked) }} feature={feature} />
    </>
  );
}
