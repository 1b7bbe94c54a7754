import { plural } from '../text/figures.js';
import type { DemoSummary } from './summary.js';

/** The closing tables for people. */
export function closingTables(summary: DemoSummary, faults: readonly string[]): string {
  const { ingestions, runs, traffic, windows, alerts, firings, versions, seconds, peakMemoryMb, machine, lineage, skew } = summary;
  const figure = (figures: readonly { readonly metric: string; readonly value: number }[], metric: string): string => figures.find((each) => each.metric === metric)?.value.toFixed(4) ?? '';
  const parts = [
    section('Rows', ['dataset version', 'read', 'kept', 'duplicates', 'quarantined', 'rows of the version'], ingestions.map((each) => [each.datasetVersion, each.read, each.kept, each.duplicates, each.quarantined, each.versionRows])),
    section(
      'Models, each on flights that it has not seen',
      ['run', 'cause', 'rung', 'rows', 'AUC', 'log loss', 'Brier', 'calibration error'],
      runs.flatMap(({ name, cause, evaluation }) => (evaluation?.rungs ?? []).map(({ rung, metrics }) => [name.slice(-6), cause, rung, evaluation?.rows ?? 0, figure(metrics, 'auc'), figure(metrics, 'log_loss'), figure(metrics, 'brier'), figure(metrics, 'ece')])),
    ),
    section('Decisions', ['run', 'cause', 'decision', 'version', 'why'], runs.map((run) => [run.name.slice(-6), run.cause, run.decision, run.modelVersion, run.why])),
    section(
      'Weeks of traffic',
      ['week', 'predictions', 'labels', 'score PSI', 'most drifted input', 'its PSI', 'AUC', 'log loss', 'calibration error'],
      windows.map((window) => [window.from, window.predictions, window.labels, window.scorePsi.toFixed(3), window.worstColumn, window.worstPsi.toFixed(3), figure(window.performance, 'auc'), figure(window.performance, 'log_loss'), figure(window.performance, 'ece')]),
    ),
    section('Alerts', ['kind', 'state', 'message'], alerts.map(({ kind, state, message }) => [kind, state, message])),
    section('Triggers', ['trigger', 'caused by', 'decision', 'why'], firings.map(({ trigger, cause, decision, why }) => [trigger, cause, decision, why])),
    section('Versions', ['version', 'aliases', 'AUC', 'log loss', 'rows with the same bits in batch and serving'], versions.map(({ name, aliases, metrics, certificate }) => [name, aliases.join(', '), (metrics['auc'] ?? Number.NaN).toFixed(4), (metrics['log_loss'] ?? Number.NaN).toFixed(4), certificate])),
    section('Served against history', ['history', 'predictions', 'feature values', 'different'], [[skew.datasetVersions.join(', '), skew.rows, skew.values, skew.different]]),
    section(`Lineage of ${lineage.of}`, ['resource', 'kind', 'used as'], lineage.nodes.map(({ name, kind }) => [name, kind, [...new Set(lineage.edges.filter(({ from }) => from === name).map(({ role }) => role))].join(', ')])),
    section('Time', ['stage', 'seconds'], [...seconds.stages.map(({ stage, seconds: each }) => [stage, each.toFixed(1)]), ['all', seconds.total.toFixed(1)]]),
  ];
  const answered = traffic.rest + traffic.grpc;
  const verdict = faults.length === 0 ? 'Every count adds up.' : `${plural(faults.length, 'count does', 'counts do')} not add up:\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
  return `${parts.join('')}\n${answered} predictions (${traffic.rest} by REST, ${traffic.grpc} by gRPC), ${traffic.labels} labels, ${traffic.pushed} rows pushed; ${peakMemoryMb} MB at most in the services' process; ${machine.platform}, ${machine.cpus} cores, Node ${machine.node}.\n${verdict}\n`;
}

type Cells = readonly (string | number)[];

const WIDEST = 100;

function section(title: string, head: readonly string[], rows: readonly Cells[]): string {
  if (rows.length === 0) return `\n${title}: none\n`;
  const cells = [head, ...rows].map((row) => row.map((cell) => shorten(String(cell))));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = head.map((_, column) => rows.every((row) => row[column] === '' || !Number.isNaN(Number(row[column]))));
  const lines = cells.map((row) => `  ${row.map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()}`);
  return `\n${title}\n${lines[0]}\n  ${widths.map((width) => '-'.repeat(width)).join('  ')}\n${lines.slice(1).join('\n')}\n`;
}

const shorten = (text: string): string => (text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text);
