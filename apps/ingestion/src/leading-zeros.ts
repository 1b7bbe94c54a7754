import type { ExpectationResult } from './cleaning/expectation.js';
import type { Contract } from './contract.js';
import type { DraftContract } from './draft-contract.js';
import { apartFrom, MOST_TRIED } from './near-readings.js';

/** Begins the names of these rules; no column has a colon in its name. */
const RULE = 'zeros:';

/** A contract that also looks at the texts of its integers: 01234 is the same number as 1234, and another postcode. */
export function withTexts(contract: Contract): Contract {
  const prefix = apartFrom(contract.columns, 'text');
  const integers = contract.columns.filter(({ type }) => type === 'INT64').slice(0, MOST_TRIED);
  const texts = integers.map(({ name, numbers: _, bits: __, ...column }, i) => ({ ...column, name: `${prefix}${i}`, type: 'STRING' as const, required: false }));
  const rules = integers.map(({ name }, i) => ({ name: `${RULE}${name}`, severity: 'WARN' as const, column: `${prefix}${i}`, rule: { kind: 'pattern' as const, regex: '[+-]?(0|[^0].*)' } }));
  return { ...contract, columns: [...contract.columns, ...texts], expectations: [...contract.expectations, ...rules] };
}

/** The draft, with a word at each column of integers of which some begin with a zero. */
export function tellZeros(draft: DraftContract, expectations: readonly ExpectationResult[]): DraftContract {
  const zeros = new Map(expectations.filter(({ name, broken }) => name.startsWith(RULE) && broken > 0).map(({ name, broken }) => [`columns.${name.slice(RULE.length)}`, broken]));
  return { ...draft, remarks: draft.remarks.map(({ place, why }) => ({ place, why: zeros.has(place) ? `${why}; ${zeros.get(place)} begin with a zero, which a number loses and STRING keeps` : why })) };
}
