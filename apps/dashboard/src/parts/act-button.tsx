import { useState } from 'react';
import { useAct } from '../client/act.js';
import type { Deed } from '../client/rest.js';
import { Dialog } from './dialog.js';
import { useHandOver } from './keyboard.js';
import { Failure } from './states.js';

/** What is asked before something is done that others will feel. */
export interface Question {
  readonly title: string;
  readonly says: string;
}

interface Parts {
  readonly label: string;
  readonly deed: () => Deed;
  /** Without a question it is done at once. */
  readonly ask?: Question;
  readonly then?: (answer: unknown) => void;
  /** The one thing to do here. */
  readonly main?: boolean;
  /** What it is done to, for whoever hears the page. */
  readonly to?: string;
}

/** A button that does one thing to a home: it asks first where a question is given, and says why it could not be done. */
export function ActButton({ label, deed, ask, then, main = false, to }: Parts) {
  const [asking, set] = useState(false);
  const { busy, failure, run } = useAct();
  const button = useHandOver<HTMLButtonElement>();
  const now = (): void => {
    run(deed(), (answer) => {
      set(false);
      then?.(answer);
    });
  };
  return (
    <>
      <button ref={button} type="button" className={main ? 'main' : undefined} aria-disabled={busy} onClick={ask ? () => set(true) : now} aria-label={to === undefined ? undefined : `${label}: ${to}`}>
        {label}
      </button>
      {ask === undefined && failure ? <Failure failure={failure} did /> : undefined}
      {ask && asking ? (
        <Dialog title={ask.title} onClose={() => set(false)}>
          <p>{ask.says}</p>
          {failure ? <Failure failure={failure} did /> : undefined}
          <p className="answers">
            <button type="button" className="main" aria-disabled={busy} onClick={now}>
              {label}
            </button>
            <button type="button" onClick={() => set(false)}>
              Leave it
            </button>
          </p>
        </Dialog>
      ) : undefined}
    </>
  );
}
