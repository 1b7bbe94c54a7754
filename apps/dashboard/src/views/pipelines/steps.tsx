import type { StepSpec } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import type { PipelineRun, StepRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { Stretches } from '../../charts/stretches.js';
import { Figure } from '../../parts/figure.js';
import { bare } from '../../parts/meaning.js';
import { State } from '../../parts/states.js';
import { Link, Resource } from '../../router.js';
import { count, span } from '../../text.js';
import { secondsOfStep, StepGraph } from './step-graph.js';
import { StepLog } from './step-log.js';

/** The steps of a run: what each needs and how it went, where the time went, and what they said. */
export function Steps({ run: { name, steps, status }, specs, chosen }: { readonly run: PipelineRun; readonly specs: readonly StepSpec[]; readonly chosen: string | undefined }) {
  const place = (step: string): string => `/runs/${name.split('/')[1]}/steps/${step}`;
  return (
    <>
      <h2>Steps</h2>
      {specs.length === 0 ? undefined : <StepGraph specs={specs} steps={steps} placeOfStep={place} {...(chosen === undefined ? {} : { chosen })} />}
      <Figure
        title="Where the time went"
        picture={<Stretches stretches={steps.map(({ id, state, startTime, endTime }) => ({ id, state, from: startTime, to: endTime }))} now={new Date()} />}
        table={{
          rows: steps,
          keyOf: ({ id }) => id,
          columns: [
            { head: 'Step', cell: ({ id }) => <Link href={place(id)}>{id}</Link>, plain: ({ id }) => id },
            { head: 'State', cell: ({ state, progress }) => <><State of={state} /> {bare(state) === 'RUNNING' && progress ? progress.note || progress.step : ''}</>, plain: ({ state }) => bare(state) },
            { head: 'Took', figures: true, cell: (step) => (secondsOfStep(step) === undefined ? '–' : span(secondsOfStep(step) ?? 0)), plain: secondsOfStep },
            { head: 'Made', cell: ({ outputs, error }) => error?.message ?? <Made outputs={outputs} />, plain: madeBy },
          ],
        }}
      />
      <StepLog run={name} step={chosen ?? ''} steps={steps.map(({ id }) => id)} going={['PENDING', 'RUNNING'].includes(bare(status?.state ?? ''))} place={place} />
    </>
  );
}

/** What a step made that can be looked at; a training set names the dataset version that it read, and did not make it. */
const madeBy = ({ outputs }: Pick<StepRun, 'outputs'>): string | undefined => ['training_set', 'evaluation', 'dataset_version', 'model_version', 'monitor'].map((key) => outputs[key] ?? '').find((each) => each !== '');

/** What a step made: rows of a training set, a challenger, what has a view, or how many rows there were. */
function Made({ outputs }: { readonly outputs: Readonly<Record<string, string>> }) {
  const { rows, training_set: set, dataset_rows: all, dataset_version: dataset = '', challenger, passed } = outputs;
  if (set !== undefined) return <>{countOf(rows)} of the {countOf(all)} rows of <Resource name={dataset} /></>;
  if (challenger !== undefined) return `${challenger}, ${passed === 'true' ? 'passed its gate' : 'did not pass its gate'}`;
  const name = madeBy({ outputs });
  if (name !== undefined) return <Resource name={name} />;
  return rows === undefined ? '–' : `${countOf(rows)} rows`;
}

const countOf = (rows: string | undefined): string => (rows === undefined ? '–' : count(Number(rows)));
