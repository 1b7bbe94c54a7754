import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { keyboardPlace } from './keyboard.js';

/** A question above the page: it holds the keyboard until it is answered, and gives it back; Escape closes it. */
export function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Known before it opens, for then the keyboard is in it.
  const [giveBack] = useState(keyboardPlace);
  useLayoutEffect(() => () => queueMicrotask(giveBack), [giveBack]);
  useEffect(() => {
    // What is taken away is closed by that; closing it here would be taken for an answer where effects are tried twice.
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose} onCancel={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
