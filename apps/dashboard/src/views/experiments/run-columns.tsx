import { type Run, type RunColumn, RunColumn_Kind } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { ReactNode } from 'react';
import type { Plain } from '../../parts/sheet.js';
import { State } from '../../parts/states.js';
import { figure, METRICS, metricTitle, span } from '../../text.js';

/** A column of the table of runs. */
export interface GridColumn {
  /** As ListRuns names it in order_by and columns. */
  readonly name: string;
  readonly title: string;
  /** What it is of, above the title. */
  readonly above: string;
  readonly figures: boolean;
  /** Whether the greatest come first when it is sorted by. */
  readonly greatestFirst: boolean;
  readonly sorted: boolean;
  readonly value: (run: Run) => Plain;
  readonly cell: (run: Run) => ReactNode;
}

const took = ({ startTime, endTime }: Run): number | undefined => (startTime && endTime ? (endTime.getTime() - startTime.getTime()) / 1_000 : undefined);

/** What every run has, whatever it measures. */
export const FIELDS: readonly GridColumn[] = [
  { name: 'state', title: 'State', above: '', figures: false, greatestFirst: false, sorted: true, value: ({ state }) => state, cell: ({ state }) => <State of={state} /> },
  { name: 'start_time', title: 'Began, UTC', above: '', figures: false, greatestFirst: true, sorted: true, value: ({ startTime }) => startTime, cell: ({ startTime }) => startTime?.toISOString().slice(0, 16).replace('T', ' ') ?? '–' },
  { name: 'took', title: 'Took', above: '', figures: true, greatestFirst: true, sorted: false, value: took, cell: (run) => (took(run) === undefined ? '–' : span(took(run) ?? 0)) },
];

/** How a run is called. */
export const nameOf = ({ name, displayName }: Pick<Run, 'name' | 'displayName'>): string => displayName || `run ${name.slice(-6)}`;
/** How each of these runs is called; two of one name are told apart by the end of their ids. */
export function namesOf(runs: readonly Run[]): readonly string[] {
  const names = runs.map(nameOf);
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${idOf(runs[i] ?? { name: '' }).slice(-6)}`));
}

/** The last part of the name of a run. */
export const idOf = ({ name }: Pick<Run, 'name'>): string => name.split('/').at(-1) ?? '';

/** A number that a text is, if it is one. */
export function numberIn(value: Plain): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** What a run has in a column: a metric is a number, a param or a tag a text. */
export function valueIn({ kind, key }: RunColumn, { params, metrics, tags }: Run): string | number | undefined {
  const values: Readonly<Record<string, string | number>> = kind === RunColumn_Kind.METRIC ? metrics : kind === RunColumn_Kind.TAG ? tags : params;
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Runs of pipelines name a metric after its model, such as `trees.log_loss`. */
export function titleOf({ kind, key }: RunColumn): string {
  const [model = '', name] = key.split('.');
  if (kind !== RunColumn_Kind.METRIC) return key;
  return name === undefined ? metricTitle(model) : `${model}: ${metricTitle(name)}`;
}

const ABOVE: Readonly<Partial<Record<RunColumn_Kind, string>>> = { [RunColumn_Kind.PARAM]: 'param', [RunColumn_Kind.METRIC]: 'metric', [RunColumn_Kind.TAG]: 'tag' };

/** A column that runs have of their own. */
export function toGridColumn(column: RunColumn): GridColumn {
  const value = (run: Run): string | number | undefined => valueIn(column, run);
  const isMetric = column.kind === RunColumn_Kind.METRIC;
  const cell = (run: Run): ReactNode => {
    const found = value(run);
    return typeof found === 'number' ? figure(found) : (found ?? '–');
  };
  const [of = '', metric] = isMetric ? column.key.split('.') : [];
  return { name: column.column, title: metric === undefined ? titleOf(column) : metricTitle(metric), above: metric === undefined ? (ABOVE[column.kind] ?? '') : of, figures: isMetric, greatestFirst: isMetric && METRICS[column.key.split('.').at(-1) ?? '']?.more !== false, sorted: true, value, cell };
}

const RANK: Readonly<Partial<Record<RunColumn_Kind, number>>> = { [RunColumn_Kind.METRIC]: 0, [RunColumn_Kind.PARAM]: 1, [RunColumn_Kind.TAG]: 2 };
const rankOf = ({ kind, key }: RunColumn): number => (RANK[kind] ?? 3) * 3 + (key.endsWith('log_loss') ? 0 : key.endsWith('auc') ? 1 : 2);
const isOther = ({ kind, key }: RunColumn, challenger: string): number => Number(kind !== RunColumn_Kind.METRIC || !key.startsWith(`${challenger}.`));

/** Columns as people look for them: what the challenger measured, what the others did, the log loss of every model first, then what it was made with. */
export const inReadingOrder = (columns: readonly RunColumn[], challenger: string): readonly RunColumn[] =>
  [...columns].sort((a, b) => isOther(a, challenger) - isOther(b, challenger) || rankOf(a) - rankOf(b) || a.key.localeCompare(b.key, 'en', { numeric: true }));

/** Which model of a run it was all about, where the run says so. */
export const challengerOf = (run: Pick<Run, 'tags'> | undefined): string => run?.tags['challenger'] ?? '';

/** Whether the name of a run has the end of an id already: a run that trains for a pipeline is called after the run of that. */
export const isToldById = ({ displayName, origin }: Pick<Run, 'displayName' | 'origin'>): boolean => displayName === '' || origin.startsWith('trainingJobs/');
