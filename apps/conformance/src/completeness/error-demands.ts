import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorKey, type Seen } from './seen.js';
import { type Excuses, OWED, PROVEN_BY_SPECS } from './unprovoked.js';

/** An error as the tables of the sources declare it. */
export interface DeclaredError {
  readonly domain: string;
  readonly reason: string;
}

const ROOT = new URL('../../../../', import.meta.url);

/** Declared errors that no case raised and that nothing excuses, and excuses that do not hold, in words. */
export function unseenErrors(declared: readonly DeclaredError[], seen: Pick<Seen, 'errors'>, { proven, owed }: Excuses = { proven: PROVEN_BY_SPECS, owed: OWED }): readonly string[] {
  const keys = new Set(declared.map(errorKey));
  const excused = new Map([...proven.flatMap(({ domain, spec, reasons }) => reasons.map((reason) => [errorKey({ domain, reason }), spec] as const)), ...owed.flatMap(({ domain, reasons }) => reasons.map((reason) => [errorKey({ domain, reason }), undefined] as const))]);
  const unseen = [...keys].filter((key) => !seen.errors.has(key) && !excused.has(key)).map((key) => `${key} was not raised`);
  const wrong = [...excused].flatMap(([key, spec]) => {
    const why = !keys.has(key) ? 'is not declared' : seen.errors.has(key) ? 'was raised' : spec === undefined ? undefined : faultOf(spec, key.split(' ')[1] ?? '');
    return why === undefined ? [] : [`${key} is excused, and ${why}`];
  });
  return [...unseen, ...wrong];
}

/** A spec must be there and name the reason, unless another text of it is given that shows the error. */
function faultOf(spec: string, reason: string): string | undefined {
  const [path = '', shown = reason] = spec.split(': ');
  const file = fileURLToPath(new URL(path, ROOT));
  if (!existsSync(file)) return `${path} is not there`;
  return readFileSync(file, 'utf8').includes(shown) ? undefined : `${path} does not say "${shown}"`;
}
