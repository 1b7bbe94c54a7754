import type { StepSpec } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import type { StepRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { Graph } from '../../charts/graph.js';
import { meaningOf } from '../../parts/meaning.js';
import { span } from '../../text.js';

/** How long a step took, or has taken so far, in seconds; undefined before it began. */
export const secondsOfStep = ({ startTime, endTime }: StepRun): number | undefined => (startTime ? ((endTime ?? new Date()).getTime() - startTime.getTime()) / 1_000 : undefined);

/** The steps of a pipeline as a graph, each with how it went in a run. */
export function StepGraph({ specs, steps, chosen, placeOfStep }: { readonly specs: readonly StepSpec[]; readonly steps: readonly StepRun[]; readonly chosen?: string; readonly placeOfStep: (step: string) => string }) {
  const runs = new Map(steps.map((step) => [step.id, step]));
  const nodes = specs.map(({ id, needs }) => {
    const run = runs.get(id);
    const { tone, word } = meaningOf(run?.state ?? '');
    const seconds = run && secondsOfStep(run);
    return { id, needs, tone, href: placeOfStep(id), chosen: id === chosen, says: run === undefined ? 'not run yet' : seconds === undefined || seconds < 0.1 ? (word.split(',')[0] ?? word) : span(seconds) };
  });
  return <Graph title="Steps, and what each needs" nodes={nodes} />;
}
