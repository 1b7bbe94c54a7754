import { canonicalJson, resourceName } from '@millrace/core';
import type { PipelineFile } from './file/pipeline-file.js';

export const pipelineName = resourceName('pipelines/{pipeline}');
export const pipelineVersionName = resourceName('pipelines/{pipeline}/versions/{version}');

/** What keeps one model good, described by one file. */
export interface Pipeline {
  readonly pipeline: string;
  /** 0 before the first. */
  readonly latestVersion: number;
  readonly createTime: Date;
  readonly revision: number;
  readonly paused: boolean;
  /** What it is for, by its latest version; absent in what was applied before it was kept. */
  readonly description?: string;
  /** Set where it was deleted. */
  readonly deletion?: Deletion | undefined;
}

/** When something was deleted, and by which request: the same one again is no other. */
export interface Deletion {
  readonly time: Date;
  /** Empty when the caller gave none. */
  readonly requestId: string;
}

/** One applied state of the file. */
export interface PipelineVersion {
  readonly pipeline: string;
  readonly version: number;
  /** As it was applied. */
  readonly source: string;
  readonly digest: string;
  readonly file: PipelineFile;
  /** Folder of relative paths; empty means the roots of ingestion. */
  readonly basePath: string;
  readonly createTime: Date;
}

export const STEP_KINDS = ['ingest', 'features', 'training_set', 'train', 'register', 'certify', 'materialize', 'deploy', 'monitor'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** One step of the graph. */
export interface StepSpec {
  readonly id: string;
  readonly kind: StepKind;
  readonly needs: readonly string[];
  /** Which source or view it is about; empty for the others. */
  readonly subject: string;
}

/** The graph of a file, in an order that can run. */
export function stepsOf({ sources, feature_views: views, training, endpoint, monitor }: PipelineFile): readonly StepSpec[] {
  const ingests = Object.entries(sources).map(([name, { rollup }]): StepSpec => ({ id: `ingest-${name}`, kind: 'ingest', needs: rollup ? [`ingest-${rollup.of}`] : [], subject: name })).sort((a, b) => depthOf(sources, a.subject) - depthOf(sources, b.subject));
  const steps: StepSpec[] = [
    ...ingests,
    { id: 'features', kind: 'features', needs: ingests.map(({ id }) => id), subject: '' },
    { id: 'training-set', kind: 'training_set', needs: [`ingest-${training.spine}`, 'features'], subject: '' },
    { id: 'train', kind: 'train', needs: ['training-set'], subject: '' },
    { id: 'register', kind: 'register', needs: ['train', 'training-set'], subject: '' },
    { id: 'certify', kind: 'certify', needs: ['register', 'train'], subject: '' },
  ];
  if (!endpoint) return [...steps, { id: 'deploy', kind: 'deploy', needs: ['certify', 'register'], subject: '' }];
  const online = training.features === undefined ? [] : Object.keys(views).map((name): StepSpec => ({ id: `materialize-${name}`, kind: 'materialize', needs: ['features', 'certify'], subject: name }));
  steps.push(...online, { id: 'deploy', kind: 'deploy', needs: ['certify', 'register', ...online.map(({ id }) => id)], subject: '' });
  if (monitor) steps.push({ id: 'monitor', kind: 'monitor', needs: ['deploy', 'register'], subject: '' });
  return steps;
}

/** How many rollups stand between a source and what is read: an order that can run goes by it. */
function depthOf(sources: PipelineFile['sources'], name: string): number {
  const of = sources[name]?.rollup?.of;
  return of === undefined ? 0 : 1 + depthOf(sources, of);
}

/** What differs between two files, in words, one a part; the order of keys is no difference. */
export function changesBetween(before: PipelineFile | undefined, after: PipelineFile): readonly string[] {
  if (!before) return [`pipeline "${after.pipeline}" is new`];
  const changes: string[] = [];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof PipelineFile>;
  for (const key of keys) {
    const [old, next] = [before[key], after[key]];
    if (isSame(old, next)) continue;
    if (!isNamed(key)) changes.push(`${key} changed`);
    else changes.push(...namedChanges(key, (old ?? {}) as Record<string, unknown>, (next ?? {}) as Record<string, unknown>));
  }
  return changes;
}

const isSame = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

const NAMED = ['sources', 'entities', 'feature_views', 'on_demand_views', 'feature_services', 'triggers'] as const;
const isNamed = (key: string): boolean => (NAMED as readonly string[]).includes(key);

function namedChanges(key: string, old: Readonly<Record<string, unknown>>, next: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(next)])].flatMap((name) => {
    if (!Object.hasOwn(old, name)) return [`${key}.${name} is new`];
    if (!Object.hasOwn(next, name)) return [`${key}.${name} is gone`];
    return isSame(old[name], next[name]) ? [] : [`${key}.${name} changed`];
  });
}
