import { cpus, loadavg, release, totalmem } from 'node:os';

const GB = 1024 ** 3;
const HEADS = ['id', 'ours', 'base', 'raw limit', 'unit', 'ratio', 'aim', 'met', ''];

/** The machine that the figures were taken on, and how busy it was. */
export function machine() {
  const [first] = cpus();
  return `${first?.model.trim()}, ${cpus().length} cores, ${(totalmem() / GB).toFixed(0)} GB, ${process.platform} ${release()}, Node ${process.versions.node}; load ${loadavg().map((value) => value.toFixed(1)).join(', ')}`;
}

/** Rows as people read them. */
export function table(rows) {
  const lines = [HEADS, ...rows.map(({ id, ours, base, raw, unit, ratio, aim, met, note }) => [id, figure(ours), figure(base), figure(raw), unit, ratio === null ? '' : `${ratio.toFixed(2)} ×`, aim, verdict(met, aim), note])];
  const widths = HEADS.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const right = new Set([1, 2, 3, 5]);
  return lines.map((line) => line.map((cell, column) => (right.has(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  ').trimEnd()).join('\n');
}

const figure = (value) => (value === null ? '–' : value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3))));

function verdict(met, aim) {
  if (met === null) return aim === '' ? '' : 'no base';
  return met ? 'yes' : 'MISSED';
}
