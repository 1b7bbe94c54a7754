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
  const value: unknown = JSON.parse(text);
  // Most texts hold no tag, and walking through all that they hold costs more than reading it.
  return text.includes('"$f"') || text.includes('"$i"') ? untag(value) : value;
}

/** Replaces tags by what they stand for, in place. */
function untag(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const tag = value as Partial<Record<'$f' | '$i', unknown>>;
  if (typeof tag.$f === 'string') return tag.$f === '-0' ? -0 : Number(tag.$f);
  if (typeof tag.$i === 'string') return BigInt(tag.$i);
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const member = members[key];
    const meant = untag(member);
    if (meant !== member) put(members, key, meant);
  }
  return value;
}

/** Sets a member whatever its name: `__proto__` is one like any other. */
const put = (target: Record<string, unknown>, key: string, value: unknown): unknown =>
  key === '__proto__' ? Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true }) : (target[key] = value);

function normalise(value: unknown): unknown {
  if (typeof value === 'number') return isPlain(value) ? value : ({ $f: Object.is(value, -0) ? '-0' : String(value) } satisfies Tagged);
  if (typeof value === 'bigint') return { $i: String(value) } satisfies Tagged;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.every(isPlain) ? value : value.map(normalise);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, normalise);
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member !== undefined) put(sorted, key, normalise(member));
  }
  return sorted;
}

/** What JSON says as it is: long lists are mostly of such values, and need no copy. */
const isPlain = (value: unknown): boolean => (typeof value === 'number' ? Number.isFinite(value) && !Object.is(value, -0) : typeof value === 'string' || typeof value === 'boolean');
