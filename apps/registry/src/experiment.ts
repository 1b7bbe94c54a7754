import { errors } from './errors.js';
import { runName } from './names.js';

/** Runs that answer one question. */
export interface Experiment {
  readonly experiment: string;
  readonly description: string;
  readonly createTime: Date;
}

export type RunState = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** A file that a run made. */
export interface RunArtifact {
  readonly path: string;
  readonly digest: string;
  readonly size: string;
  readonly rows: string;
  readonly mediaType: string;
}

/** One execution that is worth remembering. */
export interface Run {
  readonly experiment: string;
  readonly run: string;
  readonly displayName: string;
  readonly state: RunState;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Last value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly artifacts: readonly RunArtifact[];
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number | undefined;
  readonly revision: number;
  readonly origin: string;
}

/** One value of a metric at one step. */
export interface MetricPoint {
  readonly key: string;
  readonly step: number;
  readonly value: number;
  readonly time: number;
}

/** What a caller adds to a run. */
export interface RunLog {
  readonly metrics: readonly MetricPoint[];
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly artifacts: readonly RunArtifact[];
}

/** Texts of one run. */
const MAX_ENTRIES = 1_000;
export const MAX_POINTS = 10_000;
/** Steps lie between this and its negative: each of them is kept as it is. */
export const MAX_STEP = BigInt(Number.MAX_SAFE_INTEGER);

/** The run with what was added; a parameter that is there keeps its value, an artefact of the same path is replaced. */
export function logRun(run: Run, { metrics, params, tags, artifacts }: RunLog): Run {
  refuseFinal(run);
  if (metrics.length > MAX_POINTS) throw errors.INVALID_RUN({ place: 'metrics', why: `at most ${MAX_POINTS} points go into one request` });
  for (const [key, value] of Object.entries(params)) {
    if (Object.hasOwn(run.params, key) && run.params[key] !== value) throw errors.INVALID_RUN({ place: `params.${key}`, why: `it is "${run.params[key]}" already and a parameter never changes` });
  }
  const last = Object.fromEntries(metrics.map(({ key, value }) => [key, value]));
  const next = {
    ...run,
    params: { ...run.params, ...params },
    tags: { ...run.tags, ...tags },
    metrics: { ...run.metrics, ...last },
    artifacts: [...run.artifacts.filter(({ path }) => !artifacts.some((added) => added.path === path)), ...artifacts],
    revision: run.revision + 1,
  };
  checkEntries(next);
  return next;
}

/** Throws INVALID_RUN where a run holds more than it may. */
export function checkEntries({ params, tags, metrics }: Pick<Run, 'params' | 'tags' | 'metrics'>): void {
  for (const [place, entries] of Object.entries({ params, tags, metrics })) {
    if (Object.keys(entries).length > MAX_ENTRIES) throw errors.INVALID_RUN({ place, why: `a run holds at most ${MAX_ENTRIES}` });
  }
}

/** Ends a run; ending it the same way again changes nothing. */
export function finishRun(run: Run, state: RunState, now: number): Run {
  if (state === 'RUNNING') throw errors.INVALID_RUN({ place: 'state', why: 'a run ends as SUCCEEDED, FAILED or CANCELLED' });
  if (run.state === state) return run;
  refuseFinal(run);
  return { ...run, state, endTime: now, revision: run.revision + 1 };
}

function refuseFinal({ experiment, run, state }: Run): void {
  if (state !== 'RUNNING') throw errors.RUN_FINAL({ name: runName.format({ experiment, run }), state });
}
