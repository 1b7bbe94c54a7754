import { useState } from 'react';
import { answers } from './answers.js';
import { type Deed, RestFailure, send } from './rest.js';

/** How the last deed went, and the way to the next. */
export interface Act {
  readonly busy: boolean;
  readonly failure: RestFailure | undefined;
  /** Does it, asks again for what is on the screen, and hands over the answer; a failure is kept and nothing is handed over. */
  readonly run: (deed: Deed, then?: (answer: unknown) => void) => void;
}

/** Does something to a home and keeps how it went. One deed at a time: another is not begun before. */
export function useAct(): Act {
  const [state, set] = useState<Omit<Act, 'run'>>({ busy: false, failure: undefined });
  const run = async (deed: Deed, then?: (answer: unknown) => void): Promise<void> => {
    set({ busy: true, failure: undefined });
    try {
      const answer = await send(deed);
      set({ busy: false, failure: undefined });
      answers.refresh();
      then?.(answer);
    } catch (error) {
      set({ busy: false, failure: error instanceof RestFailure ? error : new RestFailure(0, 'INTERNAL', String(error)) });
    }
  };
  return { ...state, run: (deed, then) => void (state.busy || run(deed, then)) };
}
