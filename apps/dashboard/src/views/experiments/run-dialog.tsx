import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { Dialog } from '../../parts/dialog.js';
import { Shown, State } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { figure, moment, rough } from '../../text.js';
import { nameOf } from './run-columns.js';

interface Parts {
  readonly name: string;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onClose: () => void;
}

/** One run with all that it has. */
export function RunDialog({ name, chosen, onChoose, onClose }: Parts) {
  const answer = useAnswer(registryCalls.run(name));
  return (
    <Dialog title={answer.value ? nameOf(answer.value) : 'Run'} onClose={onClose}>
      <Shown answer={answer} what="the run">
        {({ state, startTime, endTime, origin, params, metrics, tags, artifacts }) => (
          <>
            <Facts
              facts={[
                ['State', <State key="state" of={state} />],
                ['Began', moment(startTime)],
                ['Ended', moment(endTime)],
                ...(origin === '' ? [] : ([['Comes from', <Resource key="origin" name={origin} />]] as const)),
                ...Object.entries(tags).map(([key, value]) => [key, value.startsWith('pipelineRuns/') ? <Resource key={key} name={value} /> : value] as const),
              ]}
            />
            <Entries title="Metrics" entries={Object.entries(metrics).map(([key, value]) => [key, figure(value)])} />
            <Entries title="Params" entries={Object.entries(params)} />
            <Entries title="Artefacts" entries={artifacts.map(({ path, object }) => [path, `${rough(object?.sizeBytes ?? 0n)} bytes`])} />
          </>
        )}
      </Shown>
      <p className="answers">
        <button type="button" className="main" onClick={onClose}>
          Close
        </button>
        <button type="button" onClick={onChoose}>
          {chosen ? 'Let go of it' : 'Compare it'}
        </button>
      </p>
    </Dialog>
  );
}

function Entries({ title, entries }: { readonly title: string; readonly entries: readonly (readonly [string, string])[] }) {
  if (entries.length === 0) return undefined;
  return (
    <>
      <h3>{title}</h3>
      <Table title={title} hidden rows={[...entries].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))} keyOf={([key]) => key} columns={[{ head: 'Name', cell: ([key]) => key }, { head: 'Value', figures: true, cell: ([, value]) => value }]} />
    </>
  );
}
