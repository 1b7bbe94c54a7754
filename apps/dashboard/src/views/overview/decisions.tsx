import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { Firing } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { causeOf } from '../../parts/meaning.js';
import { State } from '../../parts/states.js';
import { Why } from '../../parts/why.js';
import { Resource } from '../../router.js';
import { age } from '../../text.js';

interface Decision {
  readonly key: string;
  readonly time: Date | undefined;
  readonly state: string;
  readonly what: string;
  readonly resource: string;
  readonly why: string;
}

/** A firing that another one of its trigger has replaced decided nothing; the page of its pipeline has it. */
const isReplaced = ({ why }: Firing): boolean => why.endsWith(' took its place');

/** Every decision that was taken without a person, newest first: triggers that fired, and challengers that were judged. */
export function decisionsOf(firings: readonly Firing[], runs: readonly PipelineRun[]): readonly Decision[] {
  const fired = firings.filter((firing) => !isReplaced(firing)).map(({ name, trigger, cause, decision, why, pipelineRun, updateTime, createTime }): Decision => ({ key: name, time: updateTime ?? createTime, state: decision, what: `A trigger fired ${causeOf(cause?.kind)}`, resource: pipelineRun === '' ? trigger : pipelineRun, why }));
  const judged = runs.flatMap(({ name, outcome, status, cause }): readonly Decision[] =>
    outcome ? [{ key: name, time: status?.endTime, state: outcome.decision, what: `A run that was started ${causeOf(cause?.kind)} ended`, resource: outcome.modelVersion === '' ? name : outcome.modelVersion, why: outcome.why }] : [],
  );
  return [...fired, ...judged].sort((a, b) => (b.time?.getTime() ?? 0) - (a.time?.getTime() ?? 0));
}

const SHOWN = 12;

/** Why it did or did not train again, one line a decision. */
export function Decisions({ decisions }: { readonly decisions: readonly Decision[] }) {
  return (
    <section className="decisions" aria-labelledby="decisions">
      <h2 id="decisions">What was decided, and why</h2>
      {decisions.length === 0 ? (
        <p className="quiet">Nothing yet. Triggers and gates tell here why they did what they did.</p>
      ) : (
        <ol>
          {decisions.slice(0, SHOWN).map(({ key, time, state, what, resource, why }) => (
            <li key={key}>
              <time dateTime={time?.toISOString()}>{age(time)}</time>
              <div>
                <p>
                  {what}: <State of={state} /> <Resource name={resource} />
                </p>
                <Why text={why} />
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
