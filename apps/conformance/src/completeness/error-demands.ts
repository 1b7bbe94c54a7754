import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorKey, type Seen } from './seen.js';
import { UNPROVOKED } from './unprovoked.js';

/** An error as the tables of the sources declare it. */
export interface DeclaredError {
  readonly domain: string;
  readonly reason: string;
}

const ROOT = new URL('../../../../', import.meta.url);

/** Declared errors that no case raised and that no spec is named for, and names of specs that are wrong, in words. */
export function unseenErrors(declared: readonly DeclaredError[], seen: Pick<Seen, 'errors'>, unprovoked: typeof UNPROVOKED = UNPROVOKED): readonly string[] {
  const excused = new Map(unprovoked.flatMap(({ domain, reasons, spec }) => reasons.map((reason) => [errorKey({ domain, reason }), spec] as const)));
  const keys = new Set(declared.map(errorKey));
  const faults = [...keys].filter((key) => !seen.errors.has(key) && !excused.has(key)).map((key) => `${key} was not raised`);
  for (const [key, spec] of excused) {
    const file = fileURLToPath(new URL(spec, ROOT));
    if (!keys.has(key)) faults.push(`${key} is excused, and not declared`);
    else if (seen.errors.has(key)) faults.push(`${key} is excused, and was raised`);
    else if (!existsSync(file)) faults.push(`${key} is excused by ${spec}, which is not there`);
    else if (!readFileSync(file, 'utf8').includes(key.split(' ')[1] ?? '')) faults.push(`${key} is excused by ${spec}, which does not name it`);
  }
  return faults;
}
