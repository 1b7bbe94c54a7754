import { type RefObject, useLayoutEffect, useRef } from 'react';

const REACHABLE = 'a[href], button, input, select, textarea, summary';

/** Remembers where the keyboard is; what it gives puts it back there, or on what stands nearest where that is gone, and leaves it where somebody has moved it since. */
export function keyboardPlace(): () => void {
  const chain: Element[] = [];
  for (let at = document.activeElement; at; at = at.parentElement) chain.push(at);
  return () => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const there = chain.find((element) => element.isConnected);
    const next = there === chain[0] ? there : there?.querySelector(REACHABLE);
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  };
}

/** For what may go away while it has the keyboard, such as a button whose deed is done: the keyboard passes to what stands nearest. */
export function useHandOver<T extends HTMLElement>(): RefObject<T | null> {
  const element = useRef<T>(null);
  useLayoutEffect(() => {
    const { current } = element;
    return () => {
      if (current === document.activeElement) queueMicrotask(keyboardPlace());
    };
  }, []);
  return element;
}
