import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Evaluation, RungReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import type { ReactNode } from 'react';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { Empty, Shown } from '../../parts/states.js';

/** Shows what an evaluation says of a version, or that it has none. */
export function Evaluated({ version: { origin }, children }: { readonly version: ModelVersion; readonly children: (evaluation: Evaluation, chosen: RungReport) => ReactNode }) {
  const evaluation = useAnswer(origin?.evaluation ? registryCalls.evaluation(origin.evaluation) : undefined);
  if (!origin?.evaluation) return <Empty title="Not evaluated">This version was registered without an evaluation. One that a pipeline run makes is judged on rows that no model has seen.</Empty>;
  return (
    <Shown answer={evaluation} what="the evaluation">
      {(found) => {
        // The challenger is the last of its ladder.
        const chosen = found.rungs.at(-1);
        return chosen ? children(found, chosen) : <Empty title="No model was judged">The evaluation has no models.</Empty>;
      }}
    </Shown>
  );
}

/** Says that an evaluation is older than what is asked of it, and how to get a new one. */
export function TooOld({ what, version }: { readonly what: string; readonly version: ModelVersion }) {
  return (
    <Empty title={`No ${what} are known`} command={`npx millrace run ${version.tags['pipeline'] ?? 'PIPELINE'} --fresh`}>
      This version was judged before evaluations kept them. The next one that is trained has them.
    </Empty>
  );
}
