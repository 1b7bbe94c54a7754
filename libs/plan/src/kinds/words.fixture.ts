import { afterAll, beforeAll } from 'vitest';
import { StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const SERVED = ['a', 'b', 'e', 'zzz', '', null];

/** Opens a trial for the specs of a file; gives what a step that was fitted to the words of the goldens makes of served texts. */
export function useWords() {
  let trial: StepTrial;
  beforeAll(async () => void (trial = await StepTrial.open()));
  afterAll(() => trial.close());
  return (step: unknown, feature: string, served: readonly (string | null)[] = SERVED) =>
    trial.features({ steps: [step], features: [feature], training: { s: golden<readonly string[]>('words') }, served: { s: served }, types: { s: 'STRING' } });
}
