import type { RunColumn } from '@millrace/contracts/millrace/registry/v1/experiment';
import { nearest } from '@millrace/core';
import { useCallback, useMemo } from 'react';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { Empty, Shown } from '../../parts/states.js';
import { Link } from '../../router.js';
import { count } from '../../text.js';
import { type Choice, MOST_CHOSEN, toggled, useChoice } from './choice.js';
import { ChosenRuns } from './chosen-runs.js';
import { ColumnChoice } from './column-choice.js';
import { FilterBar } from './filter-bar.js';
import { challengerOf, inReadingOrder, toGridColumn } from './run-columns.js';
import { RunDialog } from './run-dialog.js';
import { RunScatter } from './run-scatter.js';
import { RunsGrid } from './runs-grid.js';
import { WhenSeen } from './when-seen.js';
import '../../style/runs.css';

/** One experiment: its runs in a table, and any of them beside each other. */
export function ExperimentPage({ name }: { readonly name: string }) {
  const experiment = useAnswer(registryCalls.experiment(name));
  const columns = useAnswer(registryCalls.runColumns(name));
  // The very first question: whether there is a run at all.
  const any = useAnswer(registryCalls.runs(name, { filter: '', order: '', size: 1, columns: [] }));
  return (
    <>
      <p className="crumbs">
        <Link href="/experiments">Experiments</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      {experiment.value?.description ? <p className="lead">{experiment.value.description}</p> : undefined}
      <Shown answer={any} what="runs">
        {({ runs }) =>
          runs.length === 0 ? (
            <Empty title="No run yet">Runs appear here as they begin.</Empty>
          ) : (
            <Shown answer={columns} what="columns">
              {({ runColumns, nextPageToken }) => (
                <>
                  <Runs experiment={name} columns={runColumns} challenger={challengerOf(runs[0])} />
                  {nextPageToken === '' ? undefined : <p className="quiet">Its runs have more columns than the first {count(runColumns.length)}, which are shown.</p>}
                </>
              )}
            </Shown>
          )
        }
      </Shown>
    </>
  );
}

function Runs({ experiment, columns: found, challenger }: { readonly experiment: string; readonly columns: readonly RunColumn[]; readonly challenger: string }) {
  const [choice, change] = useChoice();
  const columns = useMemo(() => inReadingOrder(found, challenger), [found, challenger]);
  const shown = useMemo(() => columns.filter(({ column }) => choice.columns === undefined || choice.columns.includes(column)).map(toGridColumn), [columns, choice.columns]);
  const { runs } = choice;
  const choose = useCallback((run: string) => change({ runs: toggled(runs, run) }), [change, runs]);
  const open = useCallback((run: string) => change({ open: run }), [change]);
  const sort = useCallback((order: string) => change({ sort: order }), [change]);
  return (
    <>
      <div className="asks">
        <FilterBar filter={choice.filter} columns={columns} onFilter={(filter) => change({ filter })} />
        <ColumnChoice title="Columns" columns={columns} chosen={choice.columns} byItself={columns.map(({ column }) => column)} most={columns.length} onChoose={(names) => change({ columns: names })} />
      </div>
      <Slip filter={choice.filter} columns={columns} />
      <RunsGrid experiment={experiment} filter={choice.filter} sort={choice.sort} columns={shown} chosen={runs} onSort={sort} onChoose={choose} onOpen={open} />
      {runs.length >= MOST_CHOSEN ? <p className="quiet">{MOST_CHOSEN} runs are chosen, as many as can be told apart.</p> : undefined}
      <ChosenRuns experiment={experiment} columns={columns} choice={choice} change={change} />
      <WhenSeen>
        <RunScatter experiment={experiment} columns={columns} choice={choice} change={change} onChoose={choose} />
      </WhenSeen>
      {choice.open === '' ? undefined : <RunDialog name={`${experiment}/runs/${choice.open}`} chosen={runs.includes(choice.open)} onChoose={() => choose(choice.open)} onClose={() => change({ open: '' })} />}
    </>
  );
}

const NAMED = /\b(?:params|metrics|tags)\.[^\s"\\=!<>:,]+/g;

/** Says which column was most likely meant, where a filter names one that no run has. */
function Slip({ filter, columns }: { readonly filter: Choice['filter']; readonly columns: readonly RunColumn[] }) {
  const names = columns.map(({ column }) => column);
  const wrong = [...filter.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').matchAll(NAMED)].map(([name]) => name).find((name) => !names.includes(name));
  if (wrong === undefined) return undefined;
  const meant = nearest(wrong, names);
  return (
    <p className="quiet" role="status">
      No run has {wrong}
      {meant === undefined ? '.' : `. Did you mean ${meant}?`}
    </p>
  );
}
