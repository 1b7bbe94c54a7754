import { type ReactNode, useEffect, useRef } from 'react';

/** A question above the page: it holds the keyboard until it is answered, and Escape closes it. */
export function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
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
