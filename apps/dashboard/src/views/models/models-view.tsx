import type { Alias, ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { useAnswer } from '../../client/answers.js';
import { registryCalls } from '../../calls/registry.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Sentence, Why } from '../../parts/why.js';
import { Link, Resource } from '../../router.js';
import { age, count, fixed, metricTitle, numberOf, shortDigest } from '../../text.js';
import { Judgement } from './judgement.js';

/** Models: all of them, one with its versions, or one version. */
export function ModelsView({ below: [model, , version] }: { readonly below: readonly string[] }) {
  return model === undefined ? <Models /> : <ModelPage model={`models/${model}`} chosen={version} />;
}

function Models() {
  const models = useAnswer(registryCalls.models());
  return (
    <>
      <h1>Models</h1>
      <p className="lead">A model is a name for versions that do the same work; the one that an alias points at answers.</p>
      <Shown answer={models} what="models">
        {({ models: all }) =>
          all.length === 0 ? (
            <Empty title="No model yet" command="npx millrace run late-flights">
              A version is registered when a challenger of a pipeline run passes its gate.
            </Empty>
          ) : (
            <Table
              title="Models"
              hidden
              rows={all}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Model', cell: ({ name }) => <Resource name={name} /> },
                { head: 'Newest version', cell: ({ latestVersion }) => (latestVersion === '' ? 'none yet' : <Resource name={latestVersion} as={`version ${numberOf(latestVersion)}`} />) },
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

function ModelPage({ model, chosen }: { readonly model: string; readonly chosen: string | undefined }) {
  const versions = useAnswer(registryCalls.modelVersions(model));
  const aliases = useAnswer(registryCalls.aliases(model));
  return (
    <>
      <p className="crumbs">
        <Link href="/models">Models</Link>
      </p>
      <h1>{model.split('/')[1]}</h1>
      <Shown answer={versions} what="versions">
        {({ modelVersions }) => {
          if (modelVersions.length === 0) return <Empty title="No version yet">One is registered when a challenger passes its gate.</Empty>;
          const shown = chosen === undefined ? (modelVersions.find(({ aliases: names }) => names.length > 0) ?? modelVersions[0]) : modelVersions.find(({ name }) => numberOf(name) === chosen);
          return (
            <>
              <Versions versions={modelVersions} shown={shown?.name} />
              {shown ? <VersionPart version={shown} /> : <Empty title={`There is no version ${chosen ?? ''}`}>The table above has all that there are.</Empty>}
              <History aliases={aliases.value?.aliases ?? []} />
            </>
          );
        }}
      </Shown>
    </>
  );
}

const AliasNames = ({ names }: { readonly names: readonly string[] }) => names.map((name) => <span key={name} className="alias">@{name}</span>);

function Versions({ versions, shown }: { readonly versions: readonly ModelVersion[]; readonly shown: string | undefined }) {
  const metrics = [...new Set(versions.flatMap((version) => Object.keys(version.metrics)))].sort();
  return (
    <Table
      title="Versions, newest first"
      hidden
      rows={versions}
      keyOf={({ name }) => name}
      columns={[
        { head: 'Version', cell: ({ name, aliases }) => <><Link href={`/${name}`} aria-current={name === shown ? 'true' : undefined}>{numberOf(name)}</Link> <AliasNames names={aliases} /></> },
        ...metrics.map((metric) => ({ head: metricTitle(metric), figures: true, cell: (version: ModelVersion) => fixed(version.metrics[metric]) })),
        { head: 'Same bits served', figures: true, cell: ({ certificate }) => (certificate ? `${count(certificate.equal)} of ${count(certificate.rows)}` : 'not certified') },
        { head: 'Trained on', cell: ({ origin }) => (origin?.datasetVersion ? <Resource name={origin.datasetVersion} /> : '–') },
        { head: 'Made', cell: ({ createTime }) => age(createTime) },
      ]}
    />
  );
}

function VersionPart({ version: { name, description, origin, certificate, modelDigest, planDigest, signature } }: { readonly version: ModelVersion }) {
  const evaluation = useAnswer(origin?.evaluation ? registryCalls.evaluation(origin.evaluation) : undefined);
  return (
    <section aria-labelledby="version">
      <h2 id="version">Version {numberOf(name)}: how good it is</h2>
      {origin?.evaluation ? <Shown answer={evaluation} what="the evaluation">{(value) => <Judgement evaluation={value} />}</Shown> : <p className="quiet">It was registered without an evaluation.</p>}
      <h2>Where it comes from</h2>
      <Facts
        facts={[
          ['Says of itself', description ? <Sentence text={description} /> : '–'],
          ['Pipeline run', origin?.pipelineRun ? <Resource name={origin.pipelineRun} /> : '–'],
          ['Dataset version', origin?.datasetVersion ? <Resource name={origin.datasetVersion} /> : '–'],
          ['Parity certificate', certificate ? <><State tone={certificate.equal === certificate.rows ? 'good' : 'watch'} word={`${count(certificate.equal)} of ${count(certificate.rows)} rows with the same bits`} /></> : <State tone="watch" word="none" />],
          ['Inputs', `${count(signature?.inputs.length ?? 0)}, ${count(signature?.inputs.filter(({ required }) => required).length ?? 0)} of them required`],
          ['Model digest', <code key="model">{shortDigest(modelDigest)}</code>],
          ['Plan digest', <code key="plan">{shortDigest(planDigest)}</code>],
        ]}
      />
    </section>
  );
}

function History({ aliases }: { readonly aliases: readonly Alias[] }) {
  const moves = aliases.flatMap(({ name, history }) => history.map((move) => ({ ...move, alias: numberOf(name) })));
  if (moves.length === 0) return undefined;
  return (
    <section aria-labelledby="moves">
      <h2 id="moves">How aliases moved</h2>
      <ol className="moves">
        {moves.map(({ alias, from, to, reason, time }) => (
          <li key={`${alias}${time?.toISOString() ?? ''}`}>
            <time dateTime={time?.toISOString()}>{age(time)}</time>
            <div>
              <p>
                <span className="alias">@{alias}</span> {from === '' ? 'began at' : <>went from <Resource name={from} as={`version ${numberOf(from)}`} /> to</>} <Resource name={to} as={`version ${numberOf(to)}`} />
              </p>
              <Why text={reason} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
