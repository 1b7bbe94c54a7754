import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { figure } from '../text/figures.js';
import { showTime } from '../text/times.js';

/** A cell for people; a missing one is empty. */
export function valueText(value: Value | undefined): string {
  const kind = value?.kind;
  switch (kind?.$case) {
    case undefined:
      return '';
    case 'timestampValue':
      return showTime(kind.value);
    case 'float64Value':
      return figure(kind.value);
    case 'stringValue':
      return kind.value;
    case 'boolValue':
    case 'int64Value':
      return String(kind.value);
  }
}
