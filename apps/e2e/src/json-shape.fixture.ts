/** The types of a document by its keys, sorted: those of a list are what its rows have together. A map whose keys are data is told as one. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(shapeOf).reduce(together)];
  if (typeof value !== 'object') return typeof value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > 0 && entries.every(([key]) => !/^[a-z][A-Za-z0-9]*$/.test(key))) return { '*': entries.map(([, each]) => shapeOf(each)).reduce(together) };
  return Object.fromEntries(entries.map(([key, each]) => [key, shapeOf(each)]));
}

/** What two shapes have together; types that differ are told both. */
function together(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === 0 ? b : b.length === 0 ? a : [together(a[0], b[0])];
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted();
    return Object.fromEntries(keys.map((key) => [key, key in a && key in b ? together(a[key], b[key]) : (a[key] ?? b[key])]));
  }
  return a === b ? a : [...new Set([a, b].flatMap((each) => String(each).split(' | ')))].toSorted().join(' | ');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
