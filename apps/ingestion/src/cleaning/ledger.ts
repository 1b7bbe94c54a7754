import { engine, ident, text } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';
import type { Contract } from '../contract.js';
import { labelOf, type RawTable } from '../reading/raw-table.js';
import { ODD } from './odd-cells.js';
import type { Stage } from './stage.js';
import { ruleSql, textReading, whySql } from './text-reading.js';

/** The step that reads cells as the types of the contract. */
const STEP = 'types';

interface Entries {
  readonly stage: Stage;
  readonly raws: readonly RawTable[];
  readonly kept: string;
}

/**
 * SQL of the ledger: one line for every cell of a kept row that was mended or emptied, and for every cell that set its row aside, with what stood
 * there and the rule or the reason. Undefined when no cell can be any of these.
 */
export function ledgerSql(contract: Contract, { stage, raws, kept }: Entries): string | undefined {
  const readings = new Map<string, ColumnContract>();
  const numbers = contract.columns.map((column) => numberOf(readings, column));
  const entry = (name: string, i: number, action: string, became: string): string => engine.record({ column: text(name), reading: String(numbers[i] ?? 0), found: stage.odd.found(i), became: engine.text(became), action: text(action) });
  const changed = contract.columns.flatMap(({ name, badCell }, i) => [
    ...(stage.odd.canMend(i) ? [`CASE WHEN ${stage.odd.mended(i)} THEN ${entry(name, i, 'REPAIRED', ident(name))} END`] : []),
    ...(stage.odd.canFail(i) && badCell === 'MISSING' ? [`CASE WHEN ${stage.odd.bad(i)} THEN ${entry(name, i, 'EMPTIED', 'NULL')} END`] : []),
  ]);
  const aside = contract.columns.flatMap(({ name, badCell }, i) => (stage.odd.canFail(i) && badCell === 'QUARANTINE' ? [`CASE WHEN ${stage.odd.bad(i)} THEN ${entry(name, i, 'SET_ASIDE', 'NULL')} END`] : []));
  const parts = [
    ...(changed.length === 0 ? [] : [`SELECT _file, _row, ${engine.each(engine.list(changed))} AS cell FROM ${kept} WHERE ${ODD} IS NOT NULL`]),
    ...(aside.length === 0 ? [] : [`SELECT _file, _row, ${engine.each(engine.list(aside))} AS cell FROM ${stage.table} WHERE ${ODD} IS NOT NULL`]),
  ];
  if (parts.length === 0) return undefined;
  // Said once for all columns that are read alike: in every column's own entry it would make a wide table slow to plan.
  const reasons = [...readings.values()].map((column, number) => {
    const reading = textReading(column);
    return `WHEN ${number} THEN CASE cell.action WHEN 'REPAIRED' THEN ${ruleSql(reading, 'trim(cell.found)')} ELSE ${whySql(reading, 'trim(cell.found)')} END`;
  });
  const lines = `SELECT ${labelOf(raws, '_file')} AS file, _row AS row, cell."column" AS "column", cell.found AS found, cell.became AS became, cell.action AS action, CASE cell.reading ${reasons.join(' ')} END AS reason, ${text(STEP)} AS step FROM (${parts.join(' UNION ALL ')}) WHERE cell IS NOT NULL`;
  return `SELECT * FROM (${lines}) ORDER BY file, row, "column"`;
}

/** The flags of the stage that say that a cell of a kept row is not what stood in the source. */
export const changedCells = (contract: Contract, stage: Stage): readonly string[] =>
  contract.columns.flatMap(({ badCell }, i) => [...(stage.odd.canMend(i) ? [stage.odd.mended(i)] : []), ...(stage.odd.canFail(i) && badCell === 'MISSING' ? [stage.odd.bad(i)] : [])]);

/** Which of the ways of reading a column has; a new one gets the next number. */
function numberOf(readings: Map<string, ColumnContract>, column: ColumnContract): number {
  const { type, format, formats, numbers, words, units, bits } = column;
  const key = JSON.stringify([type, format, formats, numbers, words, units, bits]);
  if (!readings.has(key)) readings.set(key, column);
  return [...readings.keys()].indexOf(key);
}
