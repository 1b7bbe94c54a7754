import { useId } from 'react';
import { count, figure, toldText } from '../../text.js';
import type { RowField } from './row-fields.js';

/** Texts that are offered by name; of more a part is told. */
const FEW = 6;

interface Parts {
  readonly field: RowField;
  readonly text: string;
  readonly change: (text: string) => void;
  /** What was typed wrong, and what the guard or the endpoint says of it. */
  readonly says: readonly string[];
  readonly wrong: boolean;
}

/** One field of a row, of the type that the signature has: what training saw is offered, and anything else may be tried. */
export function TryField({ field: { name, type, required, categories, min, max, key }, text, change, says, wrong }: Parts) {
  const id = useId();
  const common = { id, value: text, 'aria-required': required, 'aria-invalid': wrong, 'aria-describedby': `${id}-hint${says.length > 0 ? ` ${id}-says` : ''}` };
  return (
    <div className="field" data-said={says.length > 0 || undefined}>
      <label htmlFor={id}>
        {name}
        {required ? <span aria-hidden="true"> *</span> : undefined}
      </label>
      {type === 'COLUMN_TYPE_BOOL' ? (
        <select {...common} onChange={({ target }) => change(target.value)}>
          <option value="">{required ? 'choose' : 'missing'}</option>
          <option value="true">yes</option>
          <option value="false">no</option>
        </select>
      ) : (
        <input {...common} {...KINDS[type]} list={categories.length > 0 ? `${id}-list` : undefined} autoComplete="off" onChange={({ target }) => change(target.value)} />
      )}
      {categories.length > 0 ? <datalist id={`${id}-list`}>{categories.map((category) => <option key={category} value={category} />)}</datalist> : undefined}
      <small id={`${id}-hint`}>{hintOf({ type, categories, min, max, key })}</small>
      {says.length > 0 ? (
        <small id={`${id}-says`} className={wrong ? 'wrong' : 'odd'}>
          {says.join('; ')}
        </small>
      ) : undefined}
    </div>
  );
}

const KINDS: Readonly<Record<RowField['type'], { readonly type: string; readonly inputMode?: 'numeric' | 'decimal'; readonly step?: number | 'any' }>> = {
  COLUMN_TYPE_BOOL: { type: 'text' },
  COLUMN_TYPE_INT64: { type: 'text', inputMode: 'numeric' },
  COLUMN_TYPE_FLOAT64: { type: 'text', inputMode: 'decimal' },
  COLUMN_TYPE_STRING: { type: 'text' },
  COLUMN_TYPE_TIMESTAMP: { type: 'datetime-local', step: 1 },
  COLUMN_TYPE_UNSPECIFIED: { type: 'text' },
};

const NOUNS: Readonly<Record<RowField['type'], string>> = { COLUMN_TYPE_BOOL: 'yes or no', COLUMN_TYPE_INT64: 'whole number', COLUMN_TYPE_FLOAT64: 'number', COLUMN_TYPE_STRING: 'text', COLUMN_TYPE_TIMESTAMP: 'time', COLUMN_TYPE_UNSPECIFIED: 'any value' };

/** The type, and what training saw. */
function hintOf({ type, categories, min, max, key }: Pick<RowField, 'type' | 'categories' | 'min' | 'max' | 'key'>): string {
  const seen = categories.length > 0 ? `${categories.slice(0, FEW).map(toldText).join(', ')}${categories.length > FEW ? ` and ${count(categories.length - FEW)} more` : ''}` : min === undefined || max === undefined || type === 'COLUMN_TYPE_TIMESTAMP' ? '' : `${figure(min)} to ${figure(max)} in training`;
  return [NOUNS[type], seen, key ? 'features are read by it' : ''].filter((part) => part !== '').join('; ');
}
