import { ident, type Tables, text } from '@millrace/tables';
import type { Contract } from '../contract.js';
import { isRowRule } from '../expectation-rule.js';
import { errors } from '../errors.js';
import { labelOf, type RawTable } from '../reading/raw-table.js';
import { brokenRow, ruleInWords, type TypeOf } from './expectation.js';
import { unplaced } from './partition-key.js';
import type { Stage } from './stage.js';
import { textReading, whySql } from './text-reading.js';

/** The conditions under which a staged row is set aside, each with the reason that a person reads. */
export interface Faults {
  readonly conditions: readonly { readonly when: string; readonly reason: string }[];
  /** SQL that is true for a row with at least one of them. */
  readonly any: string;
}

/** Every way in which a row of this stage can break the contract. */
export function faultsOf(contract: Contract, stage: Pick<Stage, 'canFail'>): Faults {
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
function unplacedFault({ partition, columns }: Contract, stage: Pick<Stage, 'canFail'>): Faults['conditions'] {
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
const requiredFault = (name: string, index: number, stage: Pick<Stage, 'canFail'>): string => (stage.canFail.has(index) ? `(${ident(name)} IS NULL AND NOT _bad_${index})` : `${ident(name)} IS NULL`);

/** Throws BAD_CELL for the first unreadable cell of a column that must not have one. */
export async function refuseBadCells(tables: Tables, raws: readonly RawTable[], { contract, stage }: { contract: Contract; stage: Stage }): Promise<void> {
  for (const [i, column] of contract.columns.entries()) {
    if (column.badCell !== 'FAIL' || !stage.canFail.has(i)) continue;
    const why = whySql(textReading(column), `trim(_text_${i})`);
    const [cell] = await tables.rows<{ _file: number; _row: bigint; cell: string | undefined; why: string }>(`SELECT _file, _row, left(_text_${i}, 200) AS cell, ${why} AS why FROM ${stage.table} WHERE _bad_${i} ORDER BY _file, _row LIMIT 1`);
    if (cell) throw errors.BAD_CELL({ file: raws[cell._file]?.file.label ?? '', row: String(cell._row), column: column.name, text: cell.cell ?? '', type: column.type, why: cell.why });
  }
}

/** SQL of the quarantine: file, row, reasons, and every column as text; unreadable records come with their line as text. */
export function quarantineSql(contract: Contract, { stage, faults, raws }: { stage: Stage; faults: Faults; raws: readonly RawTable[] }): string {
  // Reasons that do not hold are missing, and so are left out.
  const reasons = `concat_ws('; ', ${faults.conditions.map(({ when, reason }) => `CASE WHEN ${when} THEN ${text(reason)} END`).join(', ') || 'CAST(NULL AS VARCHAR)'})`;
  const cells = contract.columns.map(({ name }, i) => (stage.canFail.has(i) ? `coalesce(_text_${i}, CAST(${ident(name)} AS VARCHAR))` : `CAST(${ident(name)} AS VARCHAR)`) + ` AS ${ident(name)}`);
  const rows = `SELECT ${[`${labelOf(raws, '_file')} AS _file`, '_row', `${reasons} AS _reasons`, 'CAST(NULL AS VARCHAR) AS _text', ...cells].join(', ')} FROM ${stage.table} WHERE ${faults.any}`;
  const empty = contract.columns.map(({ name }) => `CAST(NULL AS VARCHAR) AS ${ident(name)}`);
  const rejects = raws.flatMap(({ file, rejects: bad }) => (bad ? [`SELECT ${[text(file.label), '_row', '_reasons', '_text', ...empty].join(', ')} FROM ${bad.table}`] : []));
  return `SELECT * FROM (${[rows, ...rejects].join(' UNION ALL ')}) ORDER BY _file, _row`;
}
