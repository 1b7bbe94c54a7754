/** What plain JSON cannot say, as one-key objects: `{"$f":"-0"}`, `{"$f":"NaN"}`, `{"$f":"Infinity"}`, `{"$i":"9007199254740993"}`. */
type Tagged = { $f: string } | { $i: string };

/**
 * JSON with sorted keys and exact numbers: equal values give equal text, and `parseCanonicalJson` gives every bit back
 * (-0, NaN, ±Infinity and bigint travel as tags). Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(normalise(value));
}

/** The reverse of canonicalJson. */
export function parseCanonicalJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const tag = value as Partial<Record<'$f' | '$i', string>>;
    if (typeof tag.$f === 'string') return tag.$f === '-0' ? -0 : Number(tag.$f);
    return typeof tag.$i === 'string' ? BigInt(tag.$i) : value;
  });
}

function normalise(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : ({ $f: Object.is(value, -0) ? '-0' : String(value) } satisfies Tagged);
  if (typeof value === 'bigint') return { $i: String(value) } satisfies Tagged;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(normalise);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, normalise);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.flatMap((key) => {
    const member = (value as Record<string, unknown>)[key];
    return member === undefined ? [] : [[key, normalise(member)]];
  }));
}
