import { arch, cpus, platform, totalmem } from 'node:os';
import type { Lineage } from '@millrace/contracts/millrace/type/v1/lineage';
import { psiOf, worstColumn } from '../calls/worst-column.js';
import type { DemoServices } from './services.js';
import type { SkewCheck } from './skew.js';
import type { Stages } from './stages.js';
import type { Story } from './story.js';
import type { Traffic } from './traffic.js';

/** A figure with its interval. */
export interface Figure {
  readonly metric: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What happened, in figures; the closing table and the file say the same. */
export interface DemoSummary {
  readonly machine: { readonly platform: string; readonly cpus: number; readonly memoryGb: number; readonly node: string };
  readonly seconds: { readonly total: number; readonly stages: readonly { readonly stage: string; readonly seconds: number }[] };
  readonly peakMemoryMb: number;
  readonly ingestions: readonly { readonly datasetVersion: string; readonly read: number; readonly kept: number; readonly duplicates: number; readonly quarantined: number; readonly versionRows: number }[];
  readonly runs: readonly {
    readonly name: string;
    readonly cause: string;
    readonly causedBy: string;
    readonly decision: string;
    readonly why: string;
    readonly modelVersion: string;
    readonly steps: readonly { readonly id: string; readonly state: string; readonly seconds: number }[];
    readonly evaluation: { readonly rows: number; readonly positiveShare: number; readonly rungs: readonly { readonly rung: string; readonly metrics: readonly Figure[] }[] } | undefined;
  }[];
  readonly traffic: { readonly pushed: number; readonly rest: number; readonly grpc: number; readonly labels: number; readonly inTheAir: number };
  readonly windows: readonly { readonly from: string; readonly state: string; readonly predictions: number; readonly labels: number; readonly late: number; readonly scorePsi: number; readonly worstColumn: string; readonly worstPsi: number; readonly performance: readonly Figure[]; readonly versions: Readonly<Record<string, number>> }[];
  /** Served inputs against the history that was known at their time. */
  readonly skew: SkewCheck;
  readonly alerts: readonly { readonly name: string; readonly kind: string; readonly state: string; readonly message: string }[];
  readonly firings: readonly { readonly trigger: string; readonly cause: string; readonly decision: string; readonly why: string }[];
  readonly versions: readonly { readonly name: string; readonly aliases: readonly string[]; readonly metrics: Readonly<Record<string, number>>; readonly certificate: string }[];
  readonly lineage: { readonly of: string; readonly nodes: Lineage['nodes']; readonly edges: Lineage['edges'] };
}

/** Asks every service what it keeps of the story. */
export async function gatherSummary(services: DemoServices, { story, traffic, skew, stages, processes }: { readonly story: Story; readonly traffic: Traffic; readonly skew: SkewCheck; readonly stages: Stages; readonly processes: readonly string[] }): Promise<DemoSummary> {
  const runs = await Promise.all(
    story.runs.map(async (run) => {
      const evaluationName = run.steps.find(({ kind }) => kind === 'train')?.outputs['evaluation'];
      const evaluation = evaluationName === undefined ? undefined : await services.trainer.getEvaluation({ name: evaluationName });
      return {
        name: run.name,
        cause: run.cause?.kind.replace('KIND_', '') ?? '',
        causedBy: run.cause?.resource ?? '',
        decision: run.outcome?.decision.replace('DECISION_', '') ?? '',
        why: run.outcome?.why ?? '',
        modelVersion: run.outcome?.modelVersion ?? '',
        steps: run.steps.map(({ id, state, startTime, endTime }) => ({ id, state: state.replace('STATE_', ''), seconds: ((endTime?.getTime() ?? 0) - (startTime?.getTime() ?? 0)) / 1_000 })),
        evaluation: evaluation && { rows: Number(evaluation.rows), positiveShare: evaluation.positiveShare, rungs: evaluation.rungs.map(({ rung, metrics }) => ({ rung, metrics })) },
      };
    }),
  );
  const ingestions = await Promise.all(
    story.ingestions.map(async ({ datasetVersion, counts }) => ({
      datasetVersion,
      read: Number(counts?.read ?? 0),
      kept: Number(counts?.kept ?? 0),
      duplicates: Number(counts?.duplicates ?? 0),
      quarantined: Number(counts?.quarantined ?? 0),
      versionRows: Number((await services.ingestion.getDatasetVersion({ name: datasetVersion })).rows),
    })),
  );
  const windows: DemoSummary['windows'][number][] = [];
  const monitor = await services.monitor.getMonitor({ name: story.monitor });
  for await (const report of story.allReports()) {
    const worst = worstColumn(report.columns, monitor);
    windows.unshift({
      from: report.from?.toISOString().slice(0, 10) ?? '',
      state: report.state.replace('STATE_', ''),
      predictions: Number(report.predictions),
      labels: Number(report.labels),
      late: Number(report.late),
      scorePsi: report.score?.distances['psi'] ?? 0,
      worstColumn: worst?.column ?? '',
      worstPsi: (worst && psiOf(worst)) ?? 0,
      performance: report.performance,
      versions: Object.fromEntries(Object.entries(report.modelVersions).map(([name, count]) => [name, Number(count)])),
    });
  }
  const { alerts } = await services.monitor.listAlerts({ pageSize: 100 });
  const { firings } = await services.pipelines.listFirings({ pageSize: 100 });
  const { modelVersions } = await services.registry.listModelVersions({ parent: 'models/late-flights', pageSize: 50 });
  const of = `endpoints/${story.endpoint}/predictions/${traffic.served.at(-1) ?? ''}`;
  const { lineage } = await services.pipelines.getLineage({ name: of });
  return {
    machine: { platform: `${platform()}-${arch()}`, cpus: cpus().length, memoryGb: Math.round(totalmem() / 1024 ** 3), node: process.version },
    seconds: { total: stages.total, stages: stages.seconds },
    peakMemoryMb: await peakMemory(processes),
    ingestions,
    runs,
    traffic: { ...traffic.counts, inTheAir: traffic.inTheAir },
    windows,
    skew,
    alerts: alerts.map(({ name, kind, state, message }) => ({ name, kind: kind.replace('KIND_', ''), state: state.replace('STATE_', ''), message })).reverse(),
    firings: firings.map(({ trigger, cause, decision, why }) => ({ trigger, cause: cause?.resource ?? '', decision: decision.replace('DECISION_', ''), why })).reverse(),
    versions: modelVersions.map(({ name, aliases, metrics, certificate }) => ({ name, aliases, metrics, certificate: certificate ? `${certificate.equal}/${certificate.rows}` : '' })).reverse(),
    lineage: { of, nodes: lineage?.nodes ?? [], edges: lineage?.edges ?? [] },
  };
}

const BYTES_A_MB = 1024 * 1024;

/** The largest resident memory of the services' processes so far, added up, as their metrics say. */
async function peakMemory(processes: readonly string[]): Promise<number> {
  const peaks = await Promise.all(processes.map(async (http) => Number(/^millrace_process_peak_memory_bytes (\S+)$/m.exec(await (await fetch(`${http}/metrics`)).text())?.[1])));
  return Math.round(peaks.reduce((sum, peak) => sum + peak, 0) / BYTES_A_MB);
}
