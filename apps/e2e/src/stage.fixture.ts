import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { look, openBrowser, type Place, visit } from './browser.fixture.js';
import { type Home, startAll } from './start-all.js';

type How = Pick<Place, 'screen' | 'expected'>;
type See = (page: Page) => Promise<void>;

const OPEN_MS = 300_000;
const CLOSE_MS = 60_000;

/** A home and a browser that looks at it. */
export class Stage {
  #opened: { readonly home: Home; readonly browser: Browser } | undefined;

  /** There once the specs of its file begin. */
  get home(): Home {
    return this.#both.home;
  }

  /** A browser that has looked at nothing yet. */
  get browser(): Browser {
    return this.#both.browser;
  }

  /** Opens a place of the home, does something there, and sees that nothing complained. */
  look(path: string, see: See, how: How = {}): Promise<void> {
    return look(this.#place(path, how), see);
  }

  /** Looks at a place, does something there, and sees that it is sound then. */
  visit(path: string, see: See = () => Promise.resolve(), how: How = {}): Promise<void> {
    return visit(this.#place(path, how), see);
  }

  async open(tell: (home: Home) => Promise<void>): Promise<void> {
    const [home, browser] = await Promise.all([startAll(), openBrowser()]);
    this.#opened = { home, browser };
    await tell(home);
  }

  async close(): Promise<void> {
    await this.#opened?.browser.close();
    await this.#opened?.home.close();
  }

  get #both(): { readonly home: Home; readonly browser: Browser } {
    if (!this.#opened) throw new Error('The stage is not open yet.');
    return this.#opened;
  }

  #place(path: string, how: How): Place {
    return { browser: this.browser, url: `${this.home.httpAddress}${path}`, ...how };
  }
}

/** The stage of a file of specs, with a story that is told before the first of them. */
export function openStage(tell: (home: Home) => Promise<void> = () => Promise.resolve()): Stage {
  const stage = new Stage();
  beforeAll(() => stage.open(tell), OPEN_MS);
  afterAll(() => stage.close(), CLOSE_MS);
  return stage;
}
