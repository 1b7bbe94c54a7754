import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { saveMarkdown } from '../../parts/save.js';
import { Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Sentence } from '../../parts/why.js';
import { cardOf, cardTitle, markdownOf, type Section } from './card.js';

/** The model card of a version, to be read and to be saved as Markdown. */
export function Card({ version }: { readonly version: ModelVersion }) {
  const { origin, name } = version;
  const evaluation = useAnswer(origin?.evaluation ? registryCalls.evaluation(origin.evaluation) : undefined);
  const models = useAnswer(registryCalls.models());
  const experiments = useAnswer(registryCalls.experiments());
  const known = { value: (evaluation.value !== undefined || !origin?.evaluation) && models.value && experiments.value ? { models: models.value.models, experiments: experiments.value.experiments } : undefined, failure: evaluation.failure ?? models.failure ?? experiments.failure };
  return (
    <Shown answer={known} what="the model card">
      {(found) => {
        const described = [...found.models.filter((model) => name.startsWith(`${model.name}/`)), ...found.experiments.filter((experiment) => origin?.run.startsWith(`${experiment.name}/`) ?? false)];
        const sections = cardOf({ version, purposes: described.map(({ description }) => description).filter((description) => description !== ''), evaluation: evaluation.value });
        return (
          <>
            <p className="acts">
              <button type="button" onClick={() => saveMarkdown(`${cardTitle(version)} model card`, markdownOf(cardTitle(version), sections))}>
                Save as Markdown
              </button>
              <small>Made of what this home knows of the version.</small>
            </p>
            <article className="card" aria-label={`Model card of ${cardTitle(version)}`}>
              {sections.map((section) => (
                <CardSection key={section.title} section={section} />
              ))}
            </article>
          </>
        );
      }}
    </Shown>
  );
}

function CardSection({ section: { title, says, table } }: { readonly section: Section }) {
  return (
    <section>
      <h2>{title}</h2>
      {says.map((sentence) => (
        <p key={sentence}>
          <Sentence text={sentence} />
        </p>
      ))}
      {table && table.rows.length > 0 ? (
        <Table title={title} hidden rows={table.rows} keyOf={(row) => row.join(' ')} columns={table.columns.map((head, i) => ({ head, cell: (row: readonly string[]) => <Sentence text={row[i] ?? ''} /> }))} />
      ) : undefined}
    </section>
  );
}
