import { ident, type Tables, text } from '@millrace/tables';
import type { Contract } from '../contract.js';
import { errors } from '../errors.js';
import { labelOf, type RawTable } from '../reading/raw-table.js';
import type { Faults } from './faults.js';
import type { Stage } from './stage.js';
import { textReading, whySql } from './text-reading.js';

/** Throws BAD_CELL for the first unreadable cell of a column that must not have one. */
export async function refuseBadCells(tables: Tables, raws: readonly RawTable[], { contract, stage }: { contract: Contract; stage: Stage }): Promise<void> {
  for (const [i, column] of contract.columns.entries()) {
    if (column.badCell !== 'FAIL' || !stage.odd.canFail(i)) continue;
    const found = stage.odd.found(i);
    const why = whySql(textReading(column), `trim(${found})`);
    const [cell] = await tables.rows<{ _file: number; _row: bigint; cell: string | undefined; why: string }>(`SELECT _file, _row, left(${found}, 200) AS cell, ${why} AS why FROM ${stage.table} WHERE ${stage.odd.bad(i)} ORDER BY _file, _row LIMIT 1`);
    if (cell) throw errors.BAD_CELL({ file: raws[cell._file]?.file.label ?? '', row: String(cell._row), column: column.name, text: cell.cell ?? '', type: column.type, why: cell.why });
  }
}

/** SQL of the quarantine: file, row, reasons, and every column as text; unreadable records come with their line as text. */
export function quarantineSql(contract: Contract, { stage, faults, raws }: { stage: Stage; faults: Faults; raws: readonly RawTable[] }): string {
  // Reasons that do not hold are missing, and so are left out.
  const reasons = `concat_ws('; ', ${faults.conditions.map(({ when, reason }) => `CASE WHEN ${when} THEN ${text(reason)} END`).join(', ') || 'CAST(NULL AS VARCHAR)'})`;
  const cells = contract.columns.map(({ name }, i) => (stage.odd.canFail(i) ? `coalesce(${stage.odd.found(i)}, CAST(${ident(name)} AS VARCHAR))` : `CAST(${ident(name)} AS VARCHAR)`) + ` AS ${ident(name)}`);
  const rows = `SELECT ${[`${labelOf(raws, '_file')} AS _file`, '_row', `${reasons} AS _reasons`, 'CAST(NULL AS VARCHAR) AS _text', ...cells].join(', ')} FROM ${stage.table} WHERE ${faults.any}`;
  const empty = contract.columns.map(({ name }) => `CAST(NULL AS VARCHAR) AS ${ident(name)}`);
  const rejects = raws.flatMap(({ file, rejects: bad }) => (bad ? [`SELECT ${[text(file.label), '_row', '_reasons', '_text', ...empty].join(', ')} FROM ${bad.table}`] : []));
  return `SELECT * FROM (${[rows, ...rejects].join(' UNION ALL ')}) ORDER BY _file, _row`;
}
