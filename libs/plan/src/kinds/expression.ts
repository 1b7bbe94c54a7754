import { isError } from '@millrace/core';
import { z } from 'zod';
import { PLAN_DOMAIN } from '../errors.js';
import { columnsOfFormula, parseFormula } from '../formula.js';
import type { FormulaNode } from '../formula-functions.js';
import { lowerFormula } from '../formula-lowering.js';
import { Ir } from '../ir.js';
import { defineKind, NUMBERS } from '../kind.js';
import type { PlanColumn } from '../plan.js';

const MAX_LENGTH = 10_000;
const options = z.strictObject({
  formula: z.string().min(1).max(MAX_LENGTH).superRefine((text, context) => {
    const fault = faultOf(() => void parseFormula(text));
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  }).describe('What is computed from columns by name: + - * / %, comparisons, and or not, is null, in, case, coalesce, functions of numbers, parts of times, functions of texts.'),
});
type Options = z.infer<typeof options>;

/** One column by a formula over others, such as `case when distance > 0 then delay / distance else 0 end`; what compares is 1 or 0, and 0 where an operand is missing. */
export const expression = defineKind<Options>({
  name: 'expression',
  role: 'transform',
  accepts: [...NUMBERS, 'STRING', 'TIMESTAMP'],
  arity: [0, 0],
  families: false,
  options,
  names: ({ formula }) => columnsOfFormula(parseFormula(formula)),
  refuse: (inputs, given) => inputs.length === 0 ? 'the formula names no column; name one' : faultOf(() => void probe(inputs, given)),
  schema: (inputs, given) => [{ name: 'expression', type: probe(inputs, given) === 'str' ? 'STRING' : 'FLOAT64', nullable: true }],
  lower: (ir, { formula }, columns) => {
    const nodes = new Map(columns.flatMap(({ name, members: [only] }): readonly (readonly [string, FormulaNode])[] => (only ? [[name, only.node]] : [])));
    return [[{ name: 'expression', node: lowerFormula(parseFormula(formula), { ir, columns: nodes }) }]];
  },
});

/** The type of the result, found by lowering for nobody. */
function probe(inputs: readonly PlanColumn[], { formula }: Options): 'f64' | 'str' {
  const ir = new Ir();
  const columns = new Map(inputs.map(({ name, type }) => [name, ir.col(name, type === 'INT64' ? 'FLOAT64' : type)]));
  return lowerFormula(parseFormula(formula), { ir, columns }).type;
}

function faultOf(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (isError(error, PLAN_DOMAIN, 'FORMULA_INVALID') && error instanceof Error) return error.message;
    throw error;
  }
}
