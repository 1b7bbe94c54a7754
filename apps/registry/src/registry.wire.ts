import { type Artifact, type Experiment as ExperimentMessage, type MetricCurve as MetricCurveMessage, type MetricPoint as MetricPointMessage, type Run as RunMessage, Run_State, type RunColumn as RunColumnMessage, RunColumn_Kind } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { Alias as AliasMessage, AliasMove as AliasMoveMessage, Model as ModelMessage, ModelVersion as ModelVersionMessage, Signature as SignatureMessage } from '@millrace/contracts/millrace/registry/v1/model';
import { ColumnType as ColumnTypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import type { ColumnType } from '@millrace/core';
import type { Signature } from '@millrace/scoring';
import { errors } from './errors.js';
import { type Experiment, MAX_STEP, type MetricPoint, type Run, type RunArtifact, type RunState } from './experiment.js';
import type { MetricCurve } from './metric-curve.js';
import type { Alias, AliasMove, Model } from './model.js';
import type { NamedVersion } from './model.service.js';
import { columnName, type RunColumn, type ValueKind } from './run-column.js';
import { aliasName, experimentName, modelName, modelVersionName, runName } from './names.js';

const STATES: Record<RunState, Run_State> = { RUNNING: Run_State.RUNNING, SUCCEEDED: Run_State.SUCCEEDED, FAILED: Run_State.FAILED, CANCELLED: Run_State.CANCELLED };

export const toExperiment = ({ experiment, description, createTime }: Experiment): ExperimentMessage => ({ name: experimentName.format({ experiment }), description, createTime, etag: '1' });

export const toRun = (run: Run): RunMessage => ({
  name: runName.format(run),
  displayName: run.displayName,
  state: STATES[run.state],
  params: { ...run.params },
  tags: { ...run.tags },
  metrics: { ...run.metrics },
  artifacts: run.artifacts.map(({ path, digest, size, rows, mediaType }) => ({ path, object: { digest, sizeBytes: BigInt(size), rows: BigInt(rows), mediaType } })),
  startTime: new Date(run.startTime),
  endTime: run.endTime === undefined ? undefined : new Date(run.endTime),
  etag: String(run.revision),
  origin: run.origin,
});

/** A run with these columns alone, and without artefacts. */
export function toSlimRun(run: Run, columns: readonly RunColumn[]): RunMessage {
  const kept = <Value>(kind: ValueKind, values: Readonly<Record<string, Value>>): Record<string, Value> => {
    const some: [string, Value][] = [];
    for (const column of columns) {
      const value = column.kind === kind && Object.hasOwn(values, column.key) ? values[column.key] : undefined;
      if (value !== undefined) some.push([column.key, value]);
    }
    return Object.fromEntries(some);
  };
  return toRun({ ...run, params: kept('param', run.params), metrics: kept('metric', run.metrics), tags: kept('tag', run.tags), artifacts: [] });
}

const KINDS: Record<ValueKind, RunColumn_Kind> = { param: RunColumn_Kind.PARAM, metric: RunColumn_Kind.METRIC, tag: RunColumn_Kind.TAG, field: RunColumn_Kind.UNSPECIFIED };

export const toRunColumn = (column: RunColumn): RunColumnMessage => ({ column: columnName(column), kind: KINDS[column.kind], key: column.key });

/** How many runs a page passes over. */
export function parseSkip(skip: number): number {
  if (skip < 0) throw errors.SKIP_INVALID({ skip: String(skip) });
  return skip;
}

/** The end of a run as a request says it. */
export function parseRunState(state: Run_State): RunState {
  const found = (Object.keys(STATES) as RunState[]).find((candidate) => STATES[candidate] === state);
  if (!found) throw errors.INVALID_RUN({ place: 'state', why: 'give SUCCEEDED, FAILED or CANCELLED' });
  return found;
}

export const parsePoint = ({ key, step, value, time }: MetricPointMessage, now: Date): MetricPoint => {
  if (key === '') throw errors.INVALID_RUN({ place: 'metrics', why: 'a metric needs a key' });
  if (step > MAX_STEP || step < -MAX_STEP) throw errors.INVALID_RUN({ place: 'metrics', why: `a step of ${key} is ${step}, and steps lie between -${MAX_STEP} and ${MAX_STEP}` });
  return { key, step: Number(step), value, time: (time ?? now).getTime() };
};

export const toPoint = ({ key, step, value, time }: MetricPoint): MetricPointMessage => ({ key, step: BigInt(step), value, time: new Date(time) });

export const toCurve = ({ points, total, nonFinite, first, last }: MetricCurve): MetricCurveMessage => ({
  metricPoints: points.map(toPoint),
  totalPoints: BigInt(total),
  nonFinitePoints: BigInt(nonFinite),
  firstStep: first === undefined ? undefined : BigInt(first),
  lastStep: last === undefined ? undefined : BigInt(last),
});

/** Where the points of a run are read on; before the first when nothing is said. */
export function parsePosition(position: string): number {
  if (position !== '' && !/^\d{1,15}$/.test(position)) throw errors.POSITION_INVALID({ position });
  return position === '' ? -1 : Number(position);
}

const PATH = /^[^/\0][^\0]{0,1023}$/;

export const parseArtifact = ({ path, object }: Artifact): RunArtifact => {
  if (!PATH.test(path) || path.split('/').includes('..')) throw errors.INVALID_RUN({ place: 'artifacts', why: `"${path}" is no path below the run` });
  if (!object) throw errors.INVALID_RUN({ place: `artifacts.${path}`, why: 'the object is missing' });
  return { path, digest: object.digest, size: String(object.sizeBytes), rows: String(object.rows), mediaType: object.mediaType };
};

export const toModel = ({ model, description, latestVersion, createTime, revision }: Model): ModelMessage => ({
  name: modelName.format({ model }),
  description,
  latestVersion: latestVersion === 0 ? '' : modelVersionName.format({ model, version: String(latestVersion) }),
  createTime,
  etag: String(revision),
});

export const toModelVersion = ({ version: { model, version, revision, content, createTime }, aliases }: NamedVersion): ModelVersionMessage => ({
  ...content,
  name: modelVersionName.format({ model, version: String(version) }),
  createTime,
  etag: String(revision),
  aliases: [...aliases],
});

const TYPES: Record<ColumnType, ColumnTypeMessage> = {
  BOOL: ColumnTypeMessage.BOOL,
  INT64: ColumnTypeMessage.INT64,
  FLOAT64: ColumnTypeMessage.FLOAT64,
  STRING: ColumnTypeMessage.STRING,
  TIMESTAMP: ColumnTypeMessage.TIMESTAMP,
};

/** What goes into a model, as its artefact says. */
export const toSignature = ({ inputs, output }: Signature): SignatureMessage => ({
  inputs: inputs.map(({ name, type, nullable, min, max, categories }) => ({ column: { name, type: TYPES[type], nullable }, min, max, categories: [...(categories ?? [])], required: !nullable })),
  outputs: [{ name: output, type: ColumnTypeMessage.FLOAT64, nullable: false }],
});

export const toAlias = (alias: Alias): AliasMessage => ({
  name: aliasName.format(alias),
  modelVersion: modelVersionName.format({ model: alias.model, version: String(alias.version) }),
  updateTime: new Date(alias.history[0]?.time ?? 0),
  etag: String(alias.revision),
  history: alias.history.map((move) => toMove(alias.model, move)),
});

export const toMove = (model: string, { from, to, reason, time }: AliasMove): AliasMoveMessage => ({
  from: from === 0 ? '' : modelVersionName.format({ model, version: String(from) }),
  to: modelVersionName.format({ model, version: String(to) }),
  reason,
  time: new Date(time),
});
