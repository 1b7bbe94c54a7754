import { useCallback, useSyncExternalStore } from 'react';

/** What somebody has chosen to see of an experiment; all of it stands in the address, so that a link shows the same. */
export interface Choice {
  /** As ListRuns reads it. */
  readonly filter: string;
  /** As ListRuns reads order_by. */
  readonly sort: string;
  /** Columns by the names that ListRunColumns gives; undefined means all. */
  readonly columns: readonly string[] | undefined;
  /** Ids of the runs that are compared. */
  readonly runs: readonly string[];
  /** Key of the metric whose curves are drawn; empty means one that fits. */
  readonly metric: string;
  /** The first and the last step of the curves that are looked at, as texts; empty means as far as there are points. */
  readonly from: string;
  readonly to: string;
  /** Columns of the scatter; empty means ones that fit. */
  readonly x: string;
  readonly y: string;
  /** Columns of the parallel coordinates; undefined means ones that fit. */
  readonly axes: readonly string[] | undefined;
  /** Id of the run that is looked at alone. */
  readonly open: string;
}

/** So many runs are compared at most: more lines cannot be told apart. */
export const MOST_CHOSEN = 12;

const TEXTS = ['filter', 'sort', 'metric', 'from', 'to', 'x', 'y', 'open'] as const;
const LISTS = ['columns', 'axes'] as const;

/** The choice that a query of an address stands for. */
export function readChoice(search: string): Choice {
  const query = new URLSearchParams(search);
  const text = (name: (typeof TEXTS)[number]): string => query.get(name) ?? '';
  const list = (name: (typeof LISTS)[number]): readonly string[] | undefined => (query.has(name) ? query.getAll(name).filter((each) => each !== '') : undefined);
  const runs = [...new Set(query.getAll('run'))].slice(0, MOST_CHOSEN);
  return { filter: text('filter'), sort: text('sort'), metric: text('metric'), from: text('from'), to: text('to'), x: text('x'), y: text('y'), open: text('open'), columns: list('columns'), axes: list('axes'), runs };
}

/** The query of an address that stands for a choice; what is as it is by itself is left out. */
export function writeChoice(choice: Choice): string {
  const query = new URLSearchParams();
  for (const name of TEXTS) if (choice[name] !== '') query.set(name, choice[name]);
  for (const name of LISTS) {
    const list = choice[name];
    // None at all is a choice too.
    for (const each of list?.length === 0 ? [''] : (list ?? [])) query.append(name, each);
  }
  for (const run of choice.runs) query.append('run', run);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The runs that are compared after one was chosen or let go. */
export const toggled = (runs: readonly string[], run: string): readonly string[] => (runs.includes(run) ? runs.filter((each) => each !== run) : runs.length < MOST_CHOSEN ? [...runs, run] : runs);

const CHOSEN = 'millrace:chosen';

function subscribe(listener: () => void): () => void {
  for (const event of ['popstate', CHOSEN]) addEventListener(event, listener);
  return () => ['popstate', CHOSEN].forEach((event) => removeEventListener(event, listener));
}

let read: { readonly search: string; readonly choice: Choice } = { search: '', choice: readChoice('') };

/** The same object while the address is the same. */
function current(): Choice {
  if (read.search !== location.search) read = { search: location.search, choice: readChoice(location.search) };
  return read.choice;
}

/** What the address says is chosen, and the way to choose otherwise. */
export function useChoice(): readonly [Choice, (change: Partial<Choice>) => void] {
  const choice = useSyncExternalStore(subscribe, current);
  const change = useCallback((part: Partial<Choice>) => {
    history.replaceState(history.state, '', `${location.pathname}${writeChoice({ ...current(), ...part })}`);
    dispatchEvent(new Event(CHOSEN));
  }, []);
  return [choice, change];
}
