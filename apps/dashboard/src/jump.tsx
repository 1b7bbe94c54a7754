import { type KeyboardEvent as Press, useEffect, useState } from 'react';
import { dataCalls } from './calls/data.js';
import { featureCalls } from './calls/features.js';
import { inferenceCalls } from './calls/inference.js';
import { monitorCalls } from './calls/monitor.js';
import { pipelineCalls } from './calls/pipelines.js';
import { registryCalls } from './calls/registry.js';
import { useAnswer } from './client/answers.js';
import { isTyping } from './keys.js';
import { placeOf, spoken } from './names.js';
import { Dialog } from './parts/dialog.js';
import { go } from './router.js';
import { VIEWS } from './views.js';

/** So many places are offered at once. */
const OFFERED = 12;

interface Place {
  readonly title: string;
  readonly kind: string;
  readonly path: string;
}

/** A box that leads to any view and to anything that has a name: `/` or Ctrl and K open it. */
export function Jump() {
  const [open, set] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const asked = event.key === 'k' && (event.ctrlKey || event.metaKey);
      if (!asked && (event.key !== '/' || isTyping(event))) return;
      if (document.querySelector('dialog[open]')) return;
      event.preventDefault();
      set(true);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <button type="button" className="plain keys" onClick={() => set(true)}>
        Go to <kbd>/</kbd>
      </button>
      {open ? (
        <Dialog title="Go to" onClose={() => set(false)}>
          <Box onGo={() => set(false)} />
        </Dialog>
      ) : undefined}
    </>
  );
}

/** Everything that has a name and a view, by the newest lists. */
function usePlaces(): readonly Place[] {
  const lists = {
    pipeline: useAnswer(pipelineCalls.pipelines()).value?.pipelines,
    dataset: useAnswer(dataCalls.datasets()).value?.datasets,
    'feature view': useAnswer(featureCalls.featureViews()).value?.featureViews,
    experiment: useAnswer(registryCalls.experiments()).value?.experiments,
    model: useAnswer(registryCalls.models()).value?.models,
    endpoint: useAnswer(inferenceCalls.endpoints()).value?.endpoints,
    monitor: useAnswer(monitorCalls.monitors()).value?.monitors,
  };
  const views = Object.entries(VIEWS).flatMap(([path, { title, listed }]): readonly Place[] => (listed ? [{ title, kind: 'view', path: `/${path}` }] : []));
  return [...views, ...Object.entries(lists).flatMap(([kind, list = []]) => list.map(({ name }): Place => ({ title: spoken(name), kind, path: placeOf(name) ?? '/' })))];
}

function Box({ onGo }: { readonly onGo: () => void }) {
  const [text, type] = useState('');
  const [at, move] = useState(0);
  const words = text.toLowerCase().split(/\s+/);
  const found = usePlaces().filter(({ title, kind }) => words.every((word) => `${title} ${kind}`.toLowerCase().includes(word))).slice(0, OFFERED);
  const leave = (place: Place | undefined): void => {
    if (!place) return;
    onGo();
    go(place.path);
  };
  const press = (event: Press): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      move((at + step + found.length) % Math.max(1, found.length));
    }
    if (event.key === 'Enter') leave(found[at]);
  };
  return (
    <div className="jump">
      <input
        type="search"
        role="combobox"
        aria-label="Name of a view, pipeline, dataset, feature view, experiment, model, endpoint or monitor"
        aria-expanded="true"
        aria-controls="places"
        aria-activedescendant={found.length === 0 ? undefined : `place-${at}`}
        value={text}
        onKeyDown={press}
        onChange={(event) => {
          type(event.target.value);
          move(0);
        }}
      />
      <ul id="places" role="listbox" aria-label="Places">
        {found.map((place, i) => (
          <li key={`${place.kind} ${place.path}`} id={`place-${i}`} role="option" aria-selected={i === at} onClick={() => leave(place)}>
            <b>{place.title}</b> <small>{place.kind}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className="quiet">Nothing has such a name.</p> : undefined}
    </div>
  );
}
