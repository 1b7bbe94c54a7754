import { engine, ident, type Tables, text } from '@millrace/tables';
import type { Contract } from '../contract.js';
import { errors } from '../errors.js';
import type { Parent } from './duplicates.js';
import type { Whole } from './expectation.js';

/** What stays of a run, and what it is added to. */
export interface KeptRows {
  readonly relation: string;
  readonly parent: Parent | undefined;
}

/** Looks through the kept rows, and through those of the version that they are added to, for what rules about the whole ask. */
export async function wholeFigures(tables: Tables, contract: Contract, { relation, parent }: KeptRows): Promise<Pick<Whole, 'repeats' | 'newest'>> {
  const repeats = new Map<string, number>();
  const newest = new Map<string, number>();
  for (const { name, column, rule } of contract.expectations) {
    if (rule.kind === 'unique') repeats.set(name, await countRepeats(tables, [column, ...rule.with].map(ident), { relation, parent }));
    if (rule.kind !== 'freshness') continue;
    const all = `SELECT ${ident(column)} AS t FROM ${relation}${parent ? ` UNION ALL SELECT ${ident(column)} FROM ${parent.relation}` : ''}`;
    const [found] = await tables.rows<{ ms: bigint | undefined }>(`SELECT ${engine.millis('max(t)')} AS ms FROM (${all})`);
    if (found?.ms !== undefined) newest.set(name, Number(found.ms));
  }
  return { repeats, newest };
}

/** Kept rows that have what another kept row, or one of the parent, has as well: all but the first of each. */
async function countRepeats(tables: Tables, columns: readonly string[], { relation, parent }: KeptRows): Promise<number> {
  const list = columns.join(', ');
  const there = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  const part = (from: string, fresh: boolean): string => `SELECT ${list}, ${fresh} AS _fresh FROM ${from} WHERE ${there}`;
  const all = [part(relation, true), ...(parent ? [part(parent.relation, false)] : [])].join(' UNION ALL ');
  const groups = `SELECT count(*) FILTER (_fresh) AS fresh, count(*) FILTER (NOT _fresh) AS old FROM (${all}) GROUP BY ${list} HAVING count(*) > 1`;
  const [found] = await tables.rows<{ n: bigint }>(`SELECT CAST(coalesce(sum(fresh - CASE WHEN old = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS n FROM (${groups}) WHERE fresh > 0`);
  return Number(found?.n ?? 0n);
}

/** Throws INVALID_CONTRACT where a pattern is no regular expression of RE2, before any row is read. */
export async function refuseBadPatterns(tables: Tables, contract: Contract): Promise<void> {
  for (const { name, rule } of contract.expectations) {
    if (rule.kind !== 'pattern') continue;
    try {
      await tables.rows(`SELECT ${engine.matches("''", text(rule.regex))}`);
    } catch (cause) {
      throw errors.INVALID_CONTRACT({ place: `expectations.${name}`, why: `"${rule.regex}" is no regular expression (RE2)` }, { cause });
    }
  }
}
