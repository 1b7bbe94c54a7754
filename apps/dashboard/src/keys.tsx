import { useEffect, useState } from 'react';
import { Dialog } from './parts/dialog.js';
import { go } from './router.js';
import { VIEWS } from './views.js';

/** So long after `g` its second letter counts. */
const PAUSE_MS = 1_500;

/** Whether a key press is meant for what has the focus. */
export const isTyping = ({ target }: KeyboardEvent): boolean => target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** Ways by keys: `g` and a letter go to a view, `?` tells of them. */
export function Keys() {
  const [told, tell] = useState(false);
  useEffect(() => {
    let since = -PAUSE_MS;
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event) || document.querySelector('dialog[open]')) return;
      const after = performance.now() - since < PAUSE_MS;
      since = event.key === 'g' && !after ? performance.now() : -PAUSE_MS;
      if (event.key === '?') tell(true);
      const [path] = after ? (Object.entries(VIEWS).find(([, { key }]) => key === event.key) ?? []) : [];
      if (path !== undefined) go(`/${path}`);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <button type="button" className="plain keys all-keys" onClick={() => tell(true)}>
        Keys <kbd>?</kbd>
      </button>
      {told ? (
        <Dialog title="Keys" onClose={() => tell(false)}>
          <dl className="keys">
            {Object.values(VIEWS).map(({ title, key }) =>
              key === undefined ? undefined : (
                <div key={key}>
                  <dt>
                    <kbd>g</kbd> <kbd>{key}</kbd>
                  </dt>
                  <dd>{title}</dd>
                </div>
              ),
            )}
            <div>
              <dt>
                <kbd>/</kbd>
              </dt>
              <dd>go to anything by its name</dd>
            </div>
            <div>
              <dt>
                <kbd>?</kbd>
              </dt>
              <dd>these keys</dd>
            </div>
          </dl>
          <p className="answers">
            <button type="button" onClick={() => tell(false)}>
              Close
            </button>
          </p>
        </Dialog>
      ) : undefined}
    </>
  );
}
