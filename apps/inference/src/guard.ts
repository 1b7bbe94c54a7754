import type { FeedCell, FeedRow } from '@millrace/plan';
import type { Signature, SignatureInput } from '@millrace/scoring';
import type { GuardAction, InputGuard } from './endpoint.js';

export type FlagKind = 'OUT_OF_RANGE' | 'UNSEEN_CATEGORY' | 'MISSING' | 'EXPIRED_FEATURE' | 'NOT_FOUND_FEATURE';

/** Something that the input guard saw. */
export interface GuardFlag {
  readonly column: string;
  readonly kind: FlagKind;
  readonly detail: string;
}

/** What the guard says of one row. */
export interface Verdict {
  readonly flags: readonly GuardFlag[];
  /** In words, when the row is refused; else empty. */
  readonly refused: string;
}

const CLEAN: Verdict = { flags: [], refused: '' };

/** The checks of one signature under one guard, made once: each looks at one cell of a row. */
export function compileGuard({ inputs, eventTime }: Signature, guard: InputGuard): (row: FeedRow) => Verdict {
  // The time of the event goes on for ever: it is always beyond what training saw.
  const checks = inputs.filter(({ name }) => name !== eventTime).flatMap((input) => compileInput(input, guard));
  return (row) => {
    let flags: GuardFlag[] | undefined;
    let refused = '';
    for (const { check, action } of checks) {
      const flag = check(row);
      if (!flag) continue;
      (flags ??= []).push(flag);
      if (action === 'REJECT') refused ||= `${flag.column}: ${flag.detail}`;
    }
    return flags ? { flags, refused } : CLEAN;
  };
}

interface Check {
  readonly check: (row: FeedRow) => GuardFlag | undefined;
  readonly action: GuardAction;
}

function compileInput(input: SignatureInput, guard: InputGuard): readonly Check[] {
  const { name, nullable, categories } = input;
  const checks: Check[] = [];
  if (!nullable) checks.push({ action: guard.missing, check: (row) => (isMissing(row[name]) ? { column: name, kind: 'MISSING', detail: 'missing, and training always had it' } : undefined) });
  if (categories !== undefined) {
    const seen = new Set(categories);
    checks.push({
      action: guard.unseenCategory,
      check: (row) => {
        const value = row[name];
        return typeof value === 'string' && !seen.has(value) ? { column: name, kind: 'UNSEEN_CATEGORY', detail: `"${value.slice(0, 40)}" was not in training` } : undefined;
      },
    });
  }
  const range = rangeOf(input);
  if (range) {
    const { low, high, text } = range;
    checks.push({
      action: guard.outOfRange,
      check: (row) => {
        const value = row[name];
        if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
        const number = Number(value);
        return number < low || number > high ? { column: name, kind: 'OUT_OF_RANGE', detail: `${number} is outside ${text}` } : undefined;
      },
    });
  }
  return checks.filter(({ action }) => action !== 'IGNORE');
}

/** NaN is how a number is missing. */
const isMissing = (cell: FeedCell | undefined): boolean => cell === undefined || cell === null || Number.isNaN(cell);

/** What training saw, widened by its own width on both sides. */
function rangeOf({ type, min, max }: SignatureInput): { readonly low: number; readonly high: number; readonly text: string } | undefined {
  if (min === undefined || max === undefined || (type !== 'INT64' && type !== 'FLOAT64')) return undefined;
  const width = max - min;
  return { low: min - width, high: max + width, text: `${min} to ${max} of training, widened by its width` };
}
