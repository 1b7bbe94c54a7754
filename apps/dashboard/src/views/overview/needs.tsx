import type { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { bare } from '../../parts/meaning.js';
import { State } from '../../parts/states.js';
import { Resource } from '../../router.js';
import { age } from '../../text.js';

interface Need {
  readonly key: string;
  readonly tone: 'watch' | 'bad';
  readonly word: string;
  readonly name: string;
  readonly says: string;
  readonly since: Date | undefined;
}

/** What waits for a person: alerts that nobody looks after, the last run of a pipeline where it failed, and pipelines that are paused. */
export function needsOf({ alerts, runs, pipelines }: { readonly alerts: readonly Alert[]; readonly runs: readonly PipelineRun[]; readonly pipelines: readonly Pipeline[] }): readonly Need[] {
  const open = alerts.filter(({ state, muteUntil }) => bare(state) === 'OPEN' && !(muteUntil !== undefined && muteUntil > new Date())).map(({ name, kind, monitor, message, createTime }): Need => ({ key: name, tone: 'watch', word: bare(kind).toLowerCase(), name: monitor, says: message, since: createTime }));
  const failed = pipelines.flatMap(({ name }): readonly Need[] => {
    const last = runs.find(({ pipelineVersion }) => pipelineVersion.startsWith(`${name}/`));
    return last && bare(last.status?.state ?? '') === 'FAILED' ? [{ key: last.name, tone: 'bad', word: 'failed run', name: last.name, says: last.status?.error?.message ?? 'It says no reason.', since: last.status?.endTime }] : [];
  });
  const paused = pipelines.filter((pipeline) => pipeline.paused).map(({ name }): Need => ({ key: `${name}:paused`, tone: 'watch', word: 'paused', name, says: 'Its triggers do nothing until it is resumed.', since: undefined }));
  return [...failed, ...open, ...paused];
}

/** The list of what waits for a person, or that nothing does. */
export function Needs({ needs }: { readonly needs: readonly Need[] }) {
  return (
    <section className="needs" aria-labelledby="needs">
      <h2 id="needs">Needs somebody</h2>
      {needs.length === 0 ? (
        <p className="quiet">Nothing. No alert is open, no last run has failed, no pipeline is paused.</p>
      ) : (
        <ul>
          {needs.map(({ key, tone, word, name, says, since }) => (
            <li key={key}>
              <State tone={tone} word={word} />
              <p>
                <Resource name={name} /> {says}
              </p>
              <time dateTime={since?.toISOString()}>{age(since)}</time>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
