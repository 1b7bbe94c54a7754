import { ident } from '@millrace/tables';
import type { Contract } from '../contract.js';
import { isRowRule } from '../expectation-rule.js';
import { brokenRow, ruleInWords, type TypeOf } from './expectation.js';
import { unplaced } from './partition-key.js';

/** The conditions under which a staged row is set aside, each with the reason that a person reads. */
export interface Faults {
  readonly conditions: readonly { readonly when: string; readonly reason: string }[];
  /** SQL that is true for a row with at least one of them. */
  readonly any: string;
}

/** Columns, by index in the contract, whose cells can be unreadable. */
interface CanFail {
  readonly canFail: ReadonlySet<number>;
}

/** Every way in which a row of this stage can break the contract. */
export function faultsOf(contract: Contract, stage: CanFail): Faults {
  const typeOf = typesOf(contract);
  const conditions = [
    ...contract.columns.flatMap((column, i) => [
      ...(stage.canFail.has(i) && column.badCell === 'QUARANTINE' ? [{ when: `_bad_${i}`, reason: `${column.name}: not ${column.type}` }] : []),
      ...(column.required ? [{ when: requiredFault(column.name, i, stage), reason: `${column.name}: missing but required` }] : []),
    ]),
    ...unplacedFault(contract, stage),
    ...contract.expectations
      .filter(({ severity, rule }) => severity === 'QUARANTINE' && isRowRule(rule))
      .map((expectation) => ({ when: brokenRow(expectation, typeOf), reason: `${expectation.name}: ${expectation.column} is not ${ruleInWords(expectation.rule)}` })),
  ];
  return { conditions, any: conditions.length === 0 ? 'false' : conditions.map(({ when }) => when).join(' OR ') };
}

/** Where the contract cuts by time, a row without one has no place. */
function unplacedFault({ partition, columns }: Contract, stage: CanFail): Faults['conditions'] {
  if (partition === undefined) return [];
  const index = columns.findIndex(({ name }) => name === partition.column);
  const isTold = stage.canFail.has(index) && columns[index]?.badCell === 'QUARANTINE';
  return [{ when: isTold ? `(${unplaced(partition)} AND NOT _bad_${index})` : unplaced(partition), reason: `${partition.column}: no time of the years 1 to 9999, so the row belongs to no part` }];
}

/** The types of the columns of a contract by their names. */
export function typesOf(contract: Contract): TypeOf {
  const types = new Map(contract.columns.map(({ name, type }) => [name, type]));
  return (name) => types.get(name);
}

/** An unreadable cell has its own reason; it is not told a second time as missing. */
const requiredFault = (name: string, index: number, stage: CanFail): string => (stage.canFail.has(index) ? `(${ident(name)} IS NULL AND NOT _bad_${index})` : `${ident(name)} IS NULL`);
