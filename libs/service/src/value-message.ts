import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import type { Cell } from '@millrace/core';

/** A cell as it travels; null, as JSON has it, is missing too. */
export function toValueMessage(cell: Cell | null): Value {
  switch (typeof cell) {
    case 'boolean':
      return { kind: { $case: 'boolValue', value: cell } };
    case 'bigint':
      return { kind: { $case: 'int64Value', value: cell } };
    case 'number':
      return { kind: { $case: 'float64Value', value: cell } };
    case 'string':
      return { kind: { $case: 'stringValue', value: cell } };
    case 'undefined':
      return { kind: undefined };
    case 'object':
      return { kind: cell === null ? undefined : { $case: 'timestampValue', value: cell } };
  }
}
