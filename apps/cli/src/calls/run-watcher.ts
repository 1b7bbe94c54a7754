import type { Progress } from '@millrace/contracts/millrace/type/v1/job';
import { isFinalState } from './job.js';
import type { Sink, Terminal } from '../terminal.js';
import { LiveLines } from '../text/live-lines.js';
import { paintFor } from '../text/paint.js';
import { signOf, styleOf, word } from '../text/state-word.js';
import { percent } from '../text/figures.js';
import { secondsBetween, showSeconds } from '../text/times.js';
import { PATIENCE_MS } from './still-at-work.js';

/** One thing that is watched: a step of a run, or a job. */
export interface Watched {
  readonly id: string;
  readonly state: string;
  readonly progress: Progress | undefined;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
  /** Why it failed. */
  readonly why: string;
}

const REDRAW_MS = 250;
/** How often a line tells progress where lines cannot be drawn again. */
const PLAIN_BEAT_MS = 5_000;

/** Shows steps while they go on: on a TTY in lines that are drawn again, else one line for each change of state and now and then one of progress. */
export class RunWatcher {
  readonly #sink: Sink;
  readonly #live: LiveLines;
  readonly #paint: (line: string) => string;
  readonly #told = new Map<string, { state: string; at: number; progress: string }>();
  #steps: readonly Watched[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ err, env }: Terminal) {
    this.#sink = err;
    this.#live = new LiveLines(err);
    const paint = paintFor(err, env);
    this.#paint = (line) => {
      const style = this.#styles.get(line.slice(0, 1));
      return style ? paint(style, line.slice(0, 1)) + line.slice(1) : line;
    };
  }

  readonly #styles = new Map(['SUCCEEDED', 'FAILED', 'CANCELLED', 'SKIPPED', 'RUNNING'].map((state) => [signOf(state), styleOf(state)] as const));

  /** Takes the newest state of all steps. */
  show(steps: readonly Watched[]): void {
    this.#steps = steps;
    if (this.#sink.isTTY) this.#draw();
    else this.#tellChanges();
    this.#timer ??= setInterval(() => (this.#sink.isTTY ? this.#draw() : this.#tellChanges()), this.#sink.isTTY ? REDRAW_MS : PATIENCE_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#live.clear();
  }

  #draw(): void {
    const width = Math.max(...this.#steps.map(({ id }) => id.length));
    this.#live.show(
      this.#steps.map((step) => [signOf(step.state), step.id.padEnd(width), word(step.state).toLowerCase().padEnd(9), timeOf(step).padStart(9), progressOf(step)].join('  ').trimEnd()),
      this.#paint,
    );
  }

  #tellChanges(): void {
    const now = Date.now();
    for (const step of this.#steps) {
      const told = this.#told.get(step.id);
      const progress = progressOf(step);
      if (told?.state === step.state) {
        const due = word(step.state) === 'RUNNING' && now - told.at >= (told.progress === '' ? PATIENCE_MS : PLAIN_BEAT_MS);
        if (!due || progress === told.progress) continue;
      } else if (word(step.state) === 'PENDING') {
        this.#told.set(step.id, { state: step.state, at: now, progress: '' });
        continue;
      }
      const changed = told?.state !== step.state;
      this.#told.set(step.id, { state: step.state, at: now, progress: changed ? '' : progress });
      this.#sink.write(`${[signOf(step.state), step.id, word(step.state).toLowerCase(), timeOf(step), changed && !isFinalState(step.state) ? '' : progress].filter((part) => part !== '').join('  ')}\n`);
    }
  }
}

const timeOf = ({ state, startTime, endTime }: Watched): string => (word(state) === 'CACHED' || word(state) === 'SKIPPED' || word(state) === 'PENDING' ? '' : showSeconds(secondsBetween(startTime, endTime, new Date())));

/** How far a step is, in words; why, when it failed. */
function progressOf({ state, progress, why }: Watched): string {
  if (why !== '') return why.split('\n')[0] ?? '';
  if (!progress || isFinalState(state)) return '';
  const { step, done, total, note } = progress;
  return [step, total > 0 ? percent(Math.min(1, done / total)) : '', note].filter((part) => part !== '').join(', ');
}
