import type { Column } from '@millrace/core';
import type { F64, Str } from './expression.js';
import { columnsOfFormula, fault, parseFormula } from './formula.js';
import type { FormulaNode } from './formula-functions.js';
import { lowerFormula } from './formula-lowering.js';
import { type FeedRow, rowCell } from './input-layout.js';
import { Ir } from './ir.js';
import { renderJsCells } from './js-renderer.js';
import { DUCKDB } from './sql-dialect.js';
import { renderSql } from './sql-renderer.js';

/** A formula under the name of what it makes. */
export interface NamedFormula {
  readonly name: string;
  readonly formula: string;
}

/** A column that formulas read. */
export type FormulaColumn = Pick<Column, 'name' | 'type'>;

/** Characters of one formula. */
export const MAX_FORMULA_LENGTH = 10_000;

/** The columns that a formula names, each once; FORMULA_INVALID where it is none. */
export function formulaColumns(formula: string): readonly string[] {
  if (formula.length > MAX_FORMULA_LENGTH) throw fault(MAX_FORMULA_LENGTH + 1, `more than ${MAX_FORMULA_LENGTH} characters; make several formulas of it`);
  return columnsOfFormula(parseFormula(formula));
}

/** The type of what a formula over these columns makes; FORMULA_INVALID names the character and the mend where it names what is not there, or types do not go together. */
export function formulaType(formula: string, columns: readonly FormulaColumn[]): 'FLOAT64' | 'STRING' {
  if (formulaColumns(formula).length === 0) throw fault(1, 'it names no column; name one');
  const [node] = lowered([{ name: '', formula }], columns);
  return node?.type === 'str' ? 'STRING' : 'FLOAT64';
}

/** A DuckDB query of the formulas, NULL where they are missing; `relation` stands after FROM and has the columns, `tail` are those of it to keep. The order of the rows is not promised. */
export function formulasToSql(formulas: readonly NamedFormula[], columns: readonly FormulaColumn[], { relation, tail = [] }: { readonly relation: string; readonly tail?: readonly string[] }): string {
  const nodes = lowered(formulas, columns);
  return renderSql(formulas.flatMap(({ name }, i) => (nodes[i] ? [{ name, node: nodes[i] }] : [])), { relation, tail, dialect: DUCKDB });
}

/** A function from a row to what the formulas make of it, in their order: the same bits as the query. It may not be called from within itself; CELL_INVALID where a cell is of another type. */
export function formulasToJs(formulas: readonly NamedFormula[], columns: readonly FormulaColumn[]): (row: FeedRow, index?: number) => readonly (number | string | undefined)[] {
  const evaluate = renderJsCells(lowered(formulas, columns));
  const byName = new Map(columns.map((column) => [column.name, column]));
  return (row, index = 0) =>
    evaluate((name) => {
      const column = byName.get(name);
      return column && rowCell(row, column, index);
    });
}

function lowered(formulas: readonly NamedFormula[], columns: readonly FormulaColumn[]): readonly (F64 | Str)[] {
  const ir = new Ir();
  const nodes = new Map(columns.map(({ name, type }): readonly [string, FormulaNode] => {
    const node = ir.col(name, type);
    return [name, node.type === 'i64' && type === 'INT64' ? ir.i2d(node) : node];
  }));
  return formulas.map(({ formula }) => {
    const node = lowerFormula(parseFormula(formula), { ir, columns: nodes });
    // Parquet keeps one zero for both, so that −0 leaves as 0 here already.
    return node.type === 'f64' ? ir.add(node, ir.lit(0)) : node;
  });
}
