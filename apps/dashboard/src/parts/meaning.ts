/** What a state means to whoever looks: each tone has a colour and a sign of its own, so that colour never says it alone. */
export type Tone = 'good' | 'going' | 'watch' | 'bad' | 'idle';

/** The sign of a tone. */
export const SIGN: Readonly<Record<Tone, string>> = { good: '✓', going: '◐', watch: '!', bad: '✕', idle: '–' };

interface Meaning {
  readonly tone: Tone;
  readonly word: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  PENDING: { tone: 'idle', word: 'waiting' },
  RUNNING: { tone: 'going', word: 'running' },
  SUCCEEDED: { tone: 'good', word: 'succeeded' },
  CACHED: { tone: 'good', word: 'unchanged, from cache' },
  SKIPPED: { tone: 'idle', word: 'skipped' },
  FAILED: { tone: 'bad', word: 'failed' },
  CANCELLED: { tone: 'idle', word: 'cancelled' },
  OPEN: { tone: 'watch', word: 'open' },
  ACKNOWLEDGED: { tone: 'going', word: 'acknowledged' },
  RESOLVED: { tone: 'good', word: 'resolved' },
  CLOSED: { tone: 'good', word: 'judged' },
  PROMOTED: { tone: 'good', word: 'promoted' },
  REFUSED: { tone: 'watch', word: 'refused' },
  NONE: { tone: 'idle', word: 'nothing to decide' },
  STARTED: { tone: 'good', word: 'started a run' },
  HELD: { tone: 'watch', word: 'held back' },
  DROPPED: { tone: 'idle', word: 'dropped' },
};

const PREFIX = /^(JOB_STATE|STATE|DECISION|KIND|COLUMN_TYPE)_/;

/** The word of an enum value, without the name of its enum. */
export const bare = (value: string): string => value.replace(PREFIX, '');

/** What a state of the contracts means. */
export const meaningOf = (state: string): Meaning => MEANINGS[bare(state)] ?? { tone: 'idle', word: bare(state).toLowerCase().replaceAll('_', ' ') };

const CAUSES: Readonly<Record<string, string>> = { MANUAL: 'by hand', SCHEDULE: 'by schedule', NEW_DATA: 'because of new data', DRIFT: 'because of drift', PERFORMANCE: 'because performance dropped' };

/** Why something was started, in words. */
export const causeOf = (kind: string | undefined): string => CAUSES[bare(kind ?? '')] ?? 'for no stated cause';

/** How many alerts nobody looks after, and how many somebody does; the others are settled. */
export function unsettled(alerts: readonly { readonly state: string }[]): { readonly open: number; readonly acknowledged: number } {
  const many = (state: string): number => alerts.filter((alert) => bare(alert.state) === state).length;
  return { open: many('OPEN'), acknowledged: many('ACKNOWLEDGED') };
}
