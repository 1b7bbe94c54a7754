import { useEffect, useState } from 'react';
import { ALL_STEPS, type Extent, readSteps, type Steps, writeSteps } from './steps.js';

interface Parts {
  readonly steps: Steps;
  /** As far as there are points. */
  readonly whole: Extent | undefined;
  readonly onSteps: (steps: Steps) => void;
}

/** Where the steps that are looked at are written; they count when Enter is pressed, or both fields are left. */
export function StepRange({ steps, whole, onSteps }: Parts) {
  const [{ from, to }, write] = useState(writeSteps(steps));
  useEffect(() => write(writeSteps(steps)), [steps.from, steps.to]);
  const take = (): void => {
    const next = readSteps({ from, to });
    write(writeSteps(next));
    if (next.from !== steps.from || next.to !== steps.to) onSteps(next);
  };
  const field = (label: string, value: string, former: number | undefined, set: (text: string) => void) => (
    <label>
      {label} <input type="text" inputMode="numeric" autoComplete="off" size={9} placeholder={former === undefined ? '' : String(former)} value={value} onChange={({ target }) => set(target.value)} />
    </label>
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) take();
      }}
    >
      {field('From step', from, whole?.first, (text) => write({ from: text, to }))}
      {field('to step', to, whole?.last, (text) => write({ from, to: text }))}
      <button type="submit" className="unseen" tabIndex={-1}>
        Show these steps
      </button>
      {steps.from === undefined && steps.to === undefined ? undefined : (
        <button type="button" onClick={() => onSteps(ALL_STEPS)}>
          All steps
        </button>
      )}
    </form>
  );
}
