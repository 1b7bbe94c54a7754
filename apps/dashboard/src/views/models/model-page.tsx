import type { Alias, ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { modelCalls } from '../../calls/models.js';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { age, count, fixed, metricTitle, numberOf } from '../../text.js';
import { Aliases } from './aliases.js';
import { Evaluated } from './evaluated.js';
import { Judgement } from './judgement.js';

/** One model: what its aliases point at, its versions, and how good the one is that answers. */
export function ModelPage({ model }: { readonly model: string }) {
  const versions = usePages((token) => modelCalls.versions(model, token));
  const aliases = useAnswer(registryCalls.aliases(model));
  const all = versions.pages.flatMap(({ modelVersions }) => modelVersions);
  return (
    <>
      <p className="crumbs">
        <Link href="/models">Models</Link>
      </p>
      <h1>{numberOf(model)}</h1>
      <Shown answer={versions.first} what="versions">
        {() =>
          all.length === 0 ? (
            <Empty title="No version yet" command="npx millrace run PIPELINE">One is registered when a challenger of a pipeline run passes its gate.</Empty>
          ) : (
            <>
              <Shown answer={aliases} what="aliases">{({ aliases: known }) => <Aliases model={model} aliases={known} versions={all} />}</Shown>
              <h2>Versions</h2>
              <Versions versions={all} />
              <More of={versions} shown={all.length} noun="versions" />
              {aliases.value ? <Answering name={answeringOf(aliases.value.aliases, all)} /> : undefined}
            </>
          )
        }
      </Shown>
    </>
  );
}

/** The version that the champion is, or another alias, or the newest. */
function answeringOf(aliases: readonly Alias[], versions: readonly ModelVersion[]): string {
  const alias = aliases.find(({ name }) => name.endsWith('/champion')) ?? aliases[0];
  return alias?.modelVersion ?? versions[0]?.name ?? '';
}

function Versions({ versions }: { readonly versions: readonly ModelVersion[] }) {
  const metrics = [...new Set(versions.flatMap((version) => Object.keys(version.metrics)))].sort();
  return (
    <Table
      title="Versions, newest first"
      hidden
      rows={versions}
      keyOf={({ name }) => name}
      columns={[
        { head: 'Version', cell: ({ name, aliases }) => <><Link href={`/${name}`}>{numberOf(name)}</Link> {aliases.map((alias) => <span key={alias} className="alias">@{alias} </span>)}</> },
        ...metrics.map((metric) => ({ head: metricTitle(metric), figures: true, cell: (version: ModelVersion) => fixed(version.metrics[metric]) })),
        { head: 'Same bits served', figures: true, cell: ({ certificate }) => (certificate ? `${count(certificate.equal)} of ${count(certificate.rows)}` : 'not certified') },
        { head: 'Trained on', cell: ({ origin }) => (origin?.datasetVersion ? <Resource name={origin.datasetVersion} /> : '–') },
        { head: 'Made', cell: ({ createTime }) => age(createTime) },
      ]}
    />
  );
}

function Answering({ name }: { readonly name: string }) {
  const version = useAnswer(modelCalls.version(name));
  return (
    <section aria-labelledby="answering">
      <h2 id="answering">How good version {numberOf(name)} is</h2>
      <p>
        <Link href={`/${name}`}>All of version {numberOf(name)}</Link>: curves, decisions and what they cost, slices, inputs, model card.
      </p>
      <Shown answer={version} what="the version">{(found) => <Evaluated version={found}>{(evaluation) => <Judgement evaluation={evaluation} />}</Evaluated>}</Shown>
    </section>
  );
}
