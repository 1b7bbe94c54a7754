import { useState } from 'react';
import { go } from '../../router.js';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Opens a prediction of an endpoint by its id, as an answer, a log line or a trace has it. */
export function OpenPrediction({ endpoint }: { readonly endpoint: string }) {
  const [wrong, set] = useState(false);
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        const id = String(new FormData(event.currentTarget).get('id') ?? '').trim();
        set(!ID.test(id));
        if (ID.test(id)) go(`/${endpoint}/predictions/${id.toLowerCase()}`);
      }}
    >
      <label>
        Its id
        <input name="id" className="id" required autoComplete="off" spellCheck={false} placeholder="01a21ecf-feb3-7008-9966-a52154f41569" aria-invalid={wrong || undefined} />
      </label>
      <p className="acts">
        <button type="submit">Open it</button>
      </p>
      {wrong ? <p className="failure" role="alert"><strong>This is no id of a prediction.</strong> It has 36 characters, as the answer of the endpoint gives it.</p> : undefined}
    </form>
  );
}
