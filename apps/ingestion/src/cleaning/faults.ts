import { ident } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';
import type { Contract } from '../contract.js';
import { isRowRule } from '../expectation-rule.js';
import { brokenRow, ruleInWords, type TypeOf } from './expectation.js';
import type { OddCells } from './odd-cells.js';
import { unplaced } from './partition-key.js';

/** The conditions under which a staged row is set aside, each with the reason that a person reads. */
export interface Faults {
  readonly conditions: readonly { readonly when: string; readonly reason: string }[];
  /** SQL that is true for a row with at least one of them. */
  readonly any: string;
}

/** Whether cells of a column, by its index in the contract, can be unreadable, and SQL that is true where one is. */
type BadCells = Pick<OddCells, 'canFail' | 'bad'>;

/** Every way in which a staged row can break the contract. */
export function faultsOf(contract: Contract, cells: BadCells): Faults {
  const typeOf = typesOf(contract);
  const conditions = [
    ...contract.columns.flatMap((column, i) => [
      ...(cells.canFail(i) && column.badCell === 'QUARANTINE' ? [{ when: cells.bad(i), reason: `${column.name}: not ${column.type}` }] : []),
      ...(column.required ? [{ when: requiredFault(column, i, cells), reason: `${column.name}: missing but required` }] : []),
    ]),
    ...unplacedFault(contract, cells),
    ...contract.expectations
      .filter(({ severity, rule }) => severity === 'QUARANTINE' && isRowRule(rule))
      .map((expectation) => ({ when: brokenRow(expectation, typeOf), reason: `${expectation.name}: ${expectation.column} is not ${ruleInWords(expectation.rule)}` })),
  ];
  return { conditions, any: conditions.length === 0 ? 'false' : conditions.map(({ when }) => when).join(' OR ') };
}

/** Where the contract cuts by time, a row without one has no place. */
function unplacedFault({ partition, columns }: Contract, cells: BadCells): Faults['conditions'] {
  if (partition === undefined) return [];
  const index = columns.findIndex(({ name }) => name === partition.column);
  const isTold = cells.canFail(index) && columns[index]?.badCell === 'QUARANTINE';
  return [{ when: isTold ? `(${unplaced(partition)} AND NOT ${cells.bad(index)})` : unplaced(partition), reason: `${partition.column}: no time of the years 1 to 9999, so the row belongs to no part` }];
}

/** The types of the columns of a contract by their names. */
export function typesOf(contract: Contract): TypeOf {
  const types = new Map(contract.columns.map(({ name, type }) => [name, type]));
  return (name) => types.get(name);
}

/** An unreadable cell that sets its row aside has its own reason; it is not told a second time as missing. */
const requiredFault = ({ name, badCell }: ColumnContract, index: number, cells: BadCells): string => (cells.canFail(index) && badCell === 'QUARANTINE' ? `(${ident(name)} IS NULL AND NOT ${cells.bad(index)})` : `${ident(name)} IS NULL`);
