import '../../style/forms.css';
import '../../style/traces.css';
import '../../style/models.css';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { Empty, Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age, numberOf } from '../../text.js';
import { ModelPage } from './model-page.js';
import { Pointed } from './pointed.js';
import { VersionPage } from './version-page.js';

/** Models: all of them, one with its aliases and versions, or one version with a part of what is known of it. */
export function ModelsView({ below: [model, , version, part = '', other] }: { readonly below: readonly string[] }) {
  if (model === undefined) return <Models />;
  if (version === undefined) return <ModelPage model={`models/${model}`} />;
  return <VersionPage name={`models/${model}/versions/${version}`} part={part} other={other} />;
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
                { head: 'Model', cell: ({ name }) => <span className="whole-line"><Resource name={name} /></span> },
                { head: 'Answers now', cell: ({ name }) => <Pointed model={name} /> },
                { head: 'Newest version', cell: ({ latestVersion }) => (latestVersion === '' ? 'none yet' : <Resource name={latestVersion} as={`version ${numberOf(latestVersion)}`} />) },
                { head: 'Says of itself', cell: ({ description }) => <span className="prose">{description || '–'}</span> },
                { head: 'Since', cell: ({ createTime }) => <span className="whole-line">{age(createTime)}</span> },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}
