import { useRef } from 'react';

/** A value, and while there is none the last that there was of the same thing. */
export function useLast<T>(value: T | undefined, of: string): T | undefined {
  const last = useRef<{ readonly of: string; readonly value: T }>(undefined);
  if (value !== undefined) last.current = { of, value };
  return last.current?.of === of ? last.current.value : undefined;
}
