import { useEffect, useRef } from 'react';

/** Values as they are once all are there; until then those that all were there last, where they are of the same thing. The same values are the same list. */
export function useSettled<T>(values: readonly (T | undefined)[], of: string): readonly (T | undefined)[] {
  const kept = useRef<{ readonly of: string; readonly values: readonly (T | undefined)[] }>(undefined);
  const whole = values.every((value) => value !== undefined);
  const former = kept.current?.of === of ? kept.current.values : undefined;
  const settled = former && (!whole || former.every((value, i) => value === values[i])) ? former : values;
  useEffect(() => {
    if (whole) kept.current = { of, values: settled };
  });
  return settled;
}
