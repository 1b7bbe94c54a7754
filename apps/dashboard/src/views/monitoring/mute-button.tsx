import { useState } from 'react';
import { useAct } from '../../client/act.js';
import type { Deed } from '../../client/rest.js';
import { Choice } from '../../parts/choice.js';
import { Dialog } from '../../parts/dialog.js';
import { useHandOver } from '../../parts/keyboard.js';
import { Failure } from '../../parts/states.js';

const DAY_MS = 86_400_000;
const SPANS = { '1': 'a day', '7': 'a week', '30': 'thirty days' } as const;

/** Asks how long an alert is to be kept quiet, and does it. */
export function MuteButton({ about, deed }: { readonly about: string; readonly deed: (until: Date) => Deed }) {
  const [asking, ask] = useState(false);
  const [days, want] = useState<keyof typeof SPANS>('7');
  const { busy, failure, run } = useAct();
  const button = useHandOver<HTMLButtonElement>();
  return (
    <>
      <button ref={button} type="button" onClick={() => ask(true)} aria-label={`Mute: ${about}`}>
        Mute
      </button>
      {asking ? (
        <Dialog title="Keep it quiet for how long?" onClose={() => ask(false)}>
          <p>Windows are judged as before. Nobody is told, and no trigger fires over it.</p>
          <Choice legend="For" of={SPANS} chosen={days} choose={want} />
          {failure ? <Failure failure={failure} did /> : undefined}
          <p className="answers">
            <button type="button" className="main" aria-disabled={busy} onClick={() => run(deed(new Date(Date.now() + Number(days) * DAY_MS)), () => ask(false))}>
              Mute
            </button>
            <button type="button" onClick={() => ask(false)}>
              Leave it
            </button>
          </p>
        </Dialog>
      ) : undefined}
    </>
  );
}
