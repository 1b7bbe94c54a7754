import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { figure, moment, toldText } from '../text.js';
import type { Plain } from './sheet.js';

/** A cell as a person reads it; what is not there is missing. */
export function valueText(value: Value | undefined): string {
  const kind = value?.kind;
  switch (kind?.$case) {
    case undefined:
      return 'missing';
    case 'timestampValue':
      return moment(kind.value);
    case 'float64Value':
      return figure(kind.value, 6);
    case 'stringValue':
      return toldText(kind.value);
    case 'boolValue':
    case 'int64Value':
      return String(kind.value).replace(/^-/, '−');
  }
}

/** A cell as a file keeps it. */
export const plainValue = (value: Value | undefined): Plain => value?.kind?.value;

/** Whether two cells are the same to the bit; a model is asked with NaN for what is missing. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  const [left, right] = [comparable(a), comparable(b)];
  return left === right;
}

function comparable(value: Value | undefined): string | undefined {
  const cell = value?.kind?.value;
  if (cell === undefined || (typeof cell === 'number' && Number.isNaN(cell))) return undefined;
  return cell instanceof Date ? cell.toISOString() : String(cell);
}
