import { type Run, type RunColumn, RunColumn_Kind } from '@millrace/contracts/millrace/registry/v1/experiment';
import { registryCalls } from '../../calls/registry.js';
import { Scatter, type Spot } from '../../charts/scatter.js';
import { useAnswer } from '../../client/answers.js';
import { Figure } from '../../parts/figure.js';
import { Shown } from '../../parts/states.js';
import { count, figure, plural } from '../../text.js';
import type { Choice } from './choice.js';
import { idOf, nameOf, namesOf, numberIn, titleOf, valueIn } from './run-columns.js';

/** So many runs are drawn: the first of the table. */
const MOST = 1_000;

/** So many params are tried for one that differs between runs. */
const CANDIDATES = 8;

const differs = (column: RunColumn, runs: readonly Run[]): boolean => new Set(runs.map((run) => valueIn(column, run))).size > 1;

interface Parts {
  readonly experiment: string;
  readonly columns: readonly RunColumn[];
  readonly choice: Choice;
  readonly change: (part: Partial<Choice>) => void;
  readonly onChoose: (run: string) => void;
}

/** Any column against any metric, for the runs of the table; those that are chosen stand out. */
export function RunScatter({ experiment, columns: all, choice, change, onChoose }: Parts) {
  const columns = all.filter(({ kind }) => kind !== RunColumn_Kind.TAG);
  const metrics = columns.filter(({ kind }) => kind === RunColumn_Kind.METRIC);
  const up = metrics.find(({ column }) => column === choice.y) ?? metrics[0];
  const named = columns.find(({ column }) => column === choice.x);
  const candidates = named ? [named] : [...columns.filter(({ kind }) => kind === RunColumn_Kind.PARAM).slice(0, CANDIDATES), ...metrics.filter((column) => column !== up).slice(0, 1)];
  const answer = useAnswer(up ? registryCalls.runs(experiment, { filter: choice.filter, order: choice.sort, size: MOST, columns: [...new Set([...candidates, up].map(({ column }) => column))] }) : undefined);
  const across = candidates.find((column) => differs(column, answer.value?.runs ?? [])) ?? candidates[0] ?? up;
  // Why there is no answer is said by the table, which asks the same.
  if (!up || !across || (answer.failure && !answer.value)) return undefined;
  const select = (label: string, chosen: RunColumn, of: readonly RunColumn[], onColumn: (column: string) => void) => (
    <label>
      {label}{' '}
      <select value={chosen.column} onChange={({ target }) => onColumn(target.value)}>
        {of.map(({ column }) => (
          <option key={column}>{column}</option>
        ))}
      </select>
    </label>
  );
  return (
    <section aria-labelledby="scatter">
      <h2 id="scatter">One against the other</h2>
      <p className="picks">
        {select('Of', up, metrics, (y) => change({ y }))}
        {select('against', across, columns, (x) => change({ x }))}
      </p>
      <Shown answer={answer} what="runs to draw">
        {({ runs, totalSize }) => {
          const chosen = runs.filter((run) => choice.runs.includes(idOf(run)));
          const names = namesOf(chosen);
          const values = runs.map((run) => valueIn(across, run));
          const numeric = values.every((value) => value === undefined || numberIn(value) !== undefined);
          const spots = runs.flatMap((run, i): readonly Spot[] => {
            const [x, y] = [numeric ? numberIn(values[i]) : values[i], numberIn(valueIn(up, run))];
            return x === undefined || y === undefined ? [] : [{ id: idOf(run), name: names[chosen.indexOf(run)] ?? nameOf(run), x, y, chosen: chosen.includes(run) }];
          });
          if (spots.length === 0) return <p className="quiet">No run that is shown has both.</p>;
          return (
            <Figure
              title={`${titleOf(up)} against ${titleOf(across)}`}
              says={`${plural(spots.length, 'run')}${totalSize > runs.length ? ` of the first ${count(runs.length)} in the table, of ${count(totalSize)}` : ''} that ${spots.length === 1 ? 'has' : 'have'} both. A click on a dot chooses its run.`}
              wide
              picture={<Scatter spots={spots} x={titleOf(across)} y={titleOf(up)} says={`${plural(spots.length, 'run')}: ${up.column} against ${across.column}`} onChoose={onChoose} />}
              table={{
                rows: spots,
                keyOf: ({ id }) => id,
                columns: [
                  { head: 'Run', cell: ({ name }) => name },
                  { head: across.column, figures: true, cell: ({ x }) => (typeof x === 'number' ? figure(x) : x), plain: ({ x }) => x },
                  { head: up.column, figures: true, cell: ({ y }) => figure(y), plain: ({ y }) => y },
                ],
              }}
            />
          );
        }}
      </Shown>
    </section>
  );
}
