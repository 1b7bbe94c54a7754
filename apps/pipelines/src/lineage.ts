import type { Lineage } from '@millrace/contracts/millrace/type/v1/lineage';
import { AppError } from '@millrace/core';
import { errors } from './errors.js';
import { pipelineVersionName } from './pipeline.js';
import { pipelineRunName } from './pipeline-run.js';
import type { RunService } from './run.service.js';
import type { Services } from './steps/step.js';

/** What one resource is, and what it was made from. */
interface Found {
  readonly kind: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly sources: readonly { readonly name: string; readonly role: string }[];
}

/** Resources of one lineage; a parent chain of versions could otherwise go on for ever. */
const MAX_NODES = 200;

/** Collects what led to a resource by asking the service that owns each one. */
export class LineageService {
  constructor(
    private readonly services: Services,
    private readonly runs: RunService,
  ) {}

  async of(name: string): Promise<Lineage> {
    const nodes = new Map<string, { name: string; kind: string; facts: Record<string, string> }>();
    const edges: { from: string; to: string; role: string }[] = [];
    const waiting = [name];
    for (let next = waiting.shift(); next !== undefined && nodes.size < MAX_NODES; next = waiting.shift()) {
      if (nodes.has(next)) continue;
      const found = await this.#find(next, next === name);
      nodes.set(next, { name: next, kind: found.kind, facts: { ...found.facts } });
      for (const source of found.sources) {
        if (source.name === '') continue;
        edges.push({ from: source.name, to: next, role: source.role });
        waiting.push(source.name);
      }
    }
    const known = new Set(nodes.keys());
    return { nodes: [...nodes.values()], edges: edges.filter(({ from }) => known.has(from)) };
  }

  async #find(name: string, first: boolean): Promise<Found> {
    const reader = READERS.find(({ pattern }) => pattern.test(name));
    if (!reader) {
      if (first) throw errors.LINEAGE_UNKNOWN({ name });
      return { kind: 'Resource', facts: {}, sources: [] };
    }
    try {
      return await reader.read(name, { ...this.services, runs: this.runs });
    } catch (error) {
      // What has been deleted since is still part of the story.
      if (!first && error instanceof AppError && error.code === 'NOT_FOUND') return { kind: 'Resource', facts: { missing: error.message }, sources: [] };
      throw error;
    }
  }
}

type Owners = Services & { readonly runs: RunService };

const READERS: readonly { readonly pattern: RegExp; readonly read: (name: string, owners: Owners) => Promise<Found> }[] = [
  {
    pattern: /^endpoints\/[^/]+\/predictions\/[^/]+$/,
    read: async (name, { inference }) => {
      const [, endpoint = '', , id = ''] = name.split('/');
      const { record, label } = await inference.getPrediction({ endpoint: `endpoints/${endpoint}`, id });
      const facts = { score: String(record?.score), event_time: iso(record?.eventTime), label: label === undefined ? 'not yet known' : String(label), trace_id: record?.traceId ?? '' };
      return { kind: 'Prediction', facts, sources: [{ name: record?.modelVersion ?? '', role: 'answered' }, { name: `endpoints/${endpoint}`, role: 'asked at' }] };
    },
  },
  {
    pattern: /^endpoints\/[^/]+$/,
    read: async (name, { inference }) => {
      const { modelVersion, alias, featureService } = await inference.getEndpoint({ name });
      return { kind: 'Endpoint', facts: { alias, model_version: modelVersion }, sources: [{ name: featureService, role: 'read online' }] };
    },
  },
  {
    pattern: /^models\/[^/]+\/versions\/\d+$/,
    read: async (name, { registry }) => {
      const { origin, metrics, modelDigest, certificate, createTime, aliases } = await registry.getModelVersion({ name });
      const facts = { model_digest: modelDigest, created: iso(createTime), aliases: aliases.join(', '), ...round(metrics), certificate: certificate ? `${certificate.equal} of ${certificate.rows} rows bit-equal` : 'none' };
      const sources = [
        { name: origin?.trainingJob ?? '', role: 'trained by' },
        { name: origin?.evaluation ?? '', role: 'judged by' },
        { name: origin?.trainingSet ?? '', role: 'trained on' },
        { name: origin?.pipelineRun ?? '', role: 'made in' },
      ];
      return { kind: 'ModelVersion', facts, sources };
    },
  },
  {
    pattern: /^trainingJobs\/[^/]+$/,
    read: async (name, { trainer }) => {
      const { spec, models } = await trainer.getTrainingJob({ name });
      return { kind: 'TrainingJob', facts: { rungs: models.map(({ rung }) => rung).join(', '), training_rows: String(models.at(-1)?.trainingRows ?? 0), seed: String(spec?.seed) }, sources: [{ name: spec?.trainingSet ?? '', role: 'trained on' }] };
    },
  },
  {
    pattern: /^evaluations\/[^/]+$/,
    read: async (name, { trainer }) => {
      const { rows, gate, trainingJob } = await trainer.getEvaluation({ name });
      return { kind: 'Evaluation', facts: { rows: String(rows), gate: gate?.passed ? 'passed' : 'refused' }, sources: [{ name: trainingJob, role: 'evaluates' }] };
    },
  },
  {
    pattern: /^trainingSets\/[^/]+$/,
    read: async (name, { features }) => {
      const { spine, rows, digest, featureService } = await features.getTrainingSet({ name });
      return { kind: 'TrainingSet', facts: { rows: String(rows), digest, from: iso(spine?.from), to: iso(spine?.to) }, sources: [{ name: spine?.datasetVersion ?? '', role: 'spine' }, { name: featureService, role: 'features' }] };
    },
  },
  {
    pattern: /^datasets\/[^/]+\/versions\/\d+$/,
    read: async (name, { ingestion }) => {
      const { rows, digest, ingestionRun, parent, counts } = await ingestion.getDatasetVersion({ name });
      const facts = { rows: String(rows), digest, read: String(counts?.read ?? 0), duplicates: String(counts?.duplicates ?? 0), quarantined: String(counts?.quarantined ?? 0) };
      return { kind: 'DatasetVersion', facts, sources: [{ name: ingestionRun, role: 'ingested by' }, { name: parent, role: 'appended to' }] };
    },
  },
  {
    pattern: /^ingestionRuns\/[^/]+$/,
    read: async (name, { ingestion }) => {
      const { source, dataset } = await ingestion.getIngestionRun({ name });
      return { kind: 'IngestionRun', facts: { source: source?.path ?? '', dataset, from: iso(source?.timeFilter?.from), to: iso(source?.timeFilter?.to) }, sources: [] };
    },
  },
  {
    pattern: /^featureServices\/[^/]+$/,
    read: async (name, { features }) => {
      const found = await features.getFeatureService({ name });
      return { kind: 'FeatureService', facts: { etag: found.etag }, sources: found.features.map(({ featureView }) => ({ name: featureView, role: 'includes' })) };
    },
  },
  {
    pattern: /^featureViews\/[^/]+$/,
    read: async (name, { features }) => {
      const { entity, dataset, features: list } = await features.getFeatureView({ name });
      return { kind: 'FeatureView', facts: { entity, dataset, features: list.map((feature) => feature.name).join(', ') }, sources: [] };
    },
  },
  {
    pattern: /^pipelineRuns\/[^/]+$/,
    read: async (name, { runs }) => {
      const { cause, pipeline, version, outcome, status } = await runs.get(pipelineRunName.parse(name).run);
      const facts = { cause: cause.kind, caused_by: cause.resource, state: status.state, outcome: outcome ? `${outcome.decision}: ${outcome.why}` : '', pipeline_version: pipelineVersionName.format({ pipeline, version: String(version) }) };
      return { kind: 'PipelineRun', facts, sources: [] };
    },
  },
];

const iso = (time: Date | undefined): string => time?.toISOString() ?? '';
const round = (metrics: Readonly<Record<string, number>>): Record<string, string> => Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, value.toFixed(4)]));
