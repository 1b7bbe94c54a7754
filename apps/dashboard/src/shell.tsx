import { Suspense, useEffect, useState } from 'react';
import { useAnswer } from './client/answers.js';
import { monitorCalls } from './calls/monitor.js';
import { Jump } from './jump.js';
import { Keys } from './keys.js';
import { Boundary } from './parts/boundary.js';
import { Loading, Unsaid } from './parts/states.js';
import { Link, usePlace } from './router.js';
import { chosenTheme, showTheme, type Theme } from './theme.js';
import { plural } from './text.js';
import { Nowhere } from './views/nowhere.js';
import { VIEWS } from './views.js';

/** The frame of every view: where one is, where one can go, and what waits for somebody. */
export function Shell() {
  const [head = '', ...below] = usePlace();
  const view = VIEWS[head];
  const open = useAnswer(monitorCalls.openAlerts()).value?.alerts.length ?? 0;
  const title = view?.title ?? 'Nothing here';
  useEffect(() => {
    document.title = [...below.filter((part) => part !== 'versions').reverse(), title, 'Millrace'].join(' · ');
  });
  return (
    <>
      <a className="skip" href="#view">Skip to the view</a>
      <header className="rail-side">
        <Link className="brand" href="/" aria-label="Millrace, overview">
          <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path d="M3 21c4.3 0 4.3-3.6 8.7-3.6s4.3 3.6 8.6 3.6 4.4-3.6 8.7-3.6" />
            <circle cx="11.7" cy="10" r="3.1" />
          </svg>
          Millrace
        </Link>
        <nav aria-label="Views">
          <ul>
            {Object.entries(VIEWS).filter(([, { listed }]) => listed).map(([path, { title: name }]) => (
              <li key={path}>
                <Link href={`/${path}`} aria-current={path === head || PARENTS[head] === path ? 'page' : undefined}>
                  {name}
                  {path === 'monitoring' && open > 0 ? <span className="badge">{plural(open, 'open alert')}</span> : undefined}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="ways-by-keys">
          <Jump />
          <Keys />
        </div>
        <ThemeChoice />
        <a className="calls" href="/docs">
          API
        </a>
      </header>
      <main id="view" tabIndex={-1}>
        <Unsaid />
        <Boundary place={[head, ...below].join('/')}>
          <Suspense fallback={<Loading what={title.toLowerCase()} />}>{view ? view.show(below) : <Nowhere />}</Suspense>
        </Boundary>
      </main>
    </>
  );
}

/** Views that are not listed, with the one that they belong to. */
const PARENTS: Readonly<Record<string, string>> = { runs: 'pipelines', services: 'features' };

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

function ThemeChoice() {
  const [theme, choose] = useState(chosenTheme);
  useEffect(() => showTheme(theme), [theme]);
  return (
    <fieldset className="themes">
      <legend className="unseen">Light or dark</legend>
      {THEMES.map((each) => (
        <label key={each}>
          <input type="radio" name="theme" value={each} checked={each === theme} onChange={() => choose(each)} />
          <span>{each}</span>
        </label>
      ))}
    </fieldset>
  );
}
