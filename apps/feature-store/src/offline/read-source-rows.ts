import type { Cell, Schema } from '@millrace/core';
import { ident, type Tables } from '@millrace/tables';
import type { SourceRow } from '../explanation.js';
import { type Feature, type FeatureView, readSchema } from '../feature-view.js';
import { type KeyRows, PLACE, PUSH, PUSH_ROW, sourceRowsSql } from './source-rows-sql.js';

/** Which of the rows are read. */
interface Part extends KeyRows {
  readonly tables: Tables;
  readonly signal: AbortSignal;
  readonly from: number;
  readonly most: number;
}

/** A part of the rows that a feature was made of, those first that could be known last, and how many there are in all. */
export async function readSourceRows(view: FeatureView, feature: Feature, { tables, signal, from, most, ...input }: Part): Promise<{ readonly rows: readonly SourceRow[]; readonly total: bigint }> {
  const made = sourceRowsSql(view, feature, input);
  const { rows: total } = await countSourceRows(view, feature, { tables, signal, ...input });
  const columns: Schema = readSchema(view, input.schema);
  const cells = columns.map(({ name }, i) => `s.${ident(name)} AS c${i}`);
  const found = await tables.rows<{ place: bigint; push: bigint; known: bigint; event: bigint; value: Cell } & Record<`c${number}`, Cell>>(
    `SELECT ${[`CASE WHEN s.${PUSH} = 0 THEN m.${PLACE} ELSE s.${PUSH_ROW} END AS place`, `s.${PUSH} AS push`, 'CAST(m.known AS BIGINT) AS known', 'CAST(m.event AS BIGINT) AS event', 'm.value AS value', ...cells].join(', ')} FROM (${made}) AS m JOIN ${input.relation} AS s ON s.${PLACE} = m.${PLACE} ORDER BY m.known DESC, m.event DESC, m.${PLACE} DESC LIMIT ${most} OFFSET ${from}`,
    undefined,
    { signal },
  );
  return {
    rows: found.map(({ place, push, known, event, value, ...row }) => ({ place, push, known: Number(known), event: Number(event), value, cells: Object.fromEntries(columns.map(({ name }, i) => [name, row[`c${i}`]])) })),
    total,
  };
}

/** How many rows a feature was made of, and how many of them were pushed. */
export async function countSourceRows(view: FeatureView, feature: Feature, { tables, signal, ...input }: Omit<Part, 'from' | 'most'>): Promise<{ readonly rows: bigint; readonly pushed: bigint }> {
  const [counted] = await tables.rows<{ rows: bigint; pushed: bigint }>(`SELECT count(*) AS rows, count(*) FILTER (WHERE s.${PUSH} > 0) AS pushed FROM (${sourceRowsSql(view, feature, input)}) AS m JOIN ${input.relation} AS s ON s.${PLACE} = m.${PLACE}`, undefined, { signal });
  return { rows: counted?.rows ?? 0n, pushed: counted?.pushed ?? 0n };
}
