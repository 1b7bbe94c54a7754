/** Entries of a list or an object that are told. */
const MAX_ENTRIES = 6;
const MAX_TEXT = 40;
const MAX_LENGTH = 600;
const DIGITS = 6;

/** What a step has learnt, in one short line: numbers to six digits, long lists by their first entries and their length, what was learnt of each column by its name. For people; the state itself is JSON. */
export function shortState(state: unknown, columns: readonly string[] = []): string {
  const each = typeof state === 'object' && state !== null && 'columns' in state && Array.isArray(state.columns) && state.columns.length > 0 && state.columns.length <= columns.length ? state.columns : undefined;
  const text = each ? each.map((learnt, i) => `${columns[i] ?? ''} ${told(learnt)}`).join('; ') : told(state);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

function told(value: unknown): string {
  if (Array.isArray(value)) {
    const entries = value.slice(0, MAX_ENTRIES).map(told);
    return `[${[...entries, ...(value.length > MAX_ENTRIES ? [`… ${value.length}`] : [])].join(', ')}]`;
  }
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'string':
      return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT - 1)}…` : value;
    case 'object':
      return value === null ? 'none' : entriesOf(value);
    default:
      return '';
  }
}

function entriesOf(value: object): string {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const shown = entries.slice(0, MAX_ENTRIES).map(([key, each]) => `${key} ${told(each)}`);
  return `{${[...shown, ...(entries.length > MAX_ENTRIES ? [`… ${entries.length}`] : [])].join(', ')}}`;
}
