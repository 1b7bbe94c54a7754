/** A count with thousands apart. */
export const count = (value: bigint | number): string => value.toLocaleString('en-GB').replace(/^-/, '−');

/** A count with its noun, such as `1 alert` and `2 alerts`. */
export const plural = (value: bigint | number, noun: string, many = `${noun}s`): string => `${count(value)} ${Number(value) === 1 ? noun : many}`;

/** A minus as it is set, not a hyphen. */
const minus = (text: string): string => text.replace(/^-/, '−');

/** A measured number in as many digits as a person reads. */
export function figure(value: number | undefined, digits = 4): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0) return String(value);
  if (Number.isInteger(value) && size < 1e15) return count(value);
  if (size >= 1e9 || size < 1e-4) return minus(value.toExponential(2));
  return size >= 1_000 ? count(Math.round(value)) : minus(String(Number(value.toPrecision(digits))));
}

/** A figure between 0 and 1 with as many decimals as its neighbours. */
export const fixed = (value: number | undefined, decimals = 4): string => (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(decimals));

/** An estimate's interval in words; one without width is none. */
export const interval = (estimate: { readonly low: number; readonly high: number } | undefined): string => (estimate && estimate.high > estimate.low ? `${fixed(estimate.low)} to ${fixed(estimate.high)}` : '–');

/** A large count as a person says it: 1.2 million. */
export function rough(value: bigint | number): string {
  const number = Number(value);
  if (number >= 1e6) return `${(number / 1e6).toFixed(number >= 1e7 ? 0 : 2)} M`;
  return count(value);
}

/** A share in per cent; what is almost nothing or almost all is told apart from it. */
export const percent = (share: number): string => `${(share * 100).toFixed((share > 0 && share < 0.001) || (share > 0.999 && share < 1) ? 3 : 1)} %`;

/** A part of a whole in per cent; nothing of nothing is none. */
export const shareOf = (part: bigint | number, whole: bigint | number): string => (Number(whole) === 0 ? percent(0) : percent(Number(part) / Number(whole)));

const UNITS = [
  ['day', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** How long something took, in the unit that a person would choose. */
export function span(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds < length) continue;
    const many = Math.floor(seconds / length);
    return unit === 'day' ? plural(many, 'day') : `${many} ${unit}`;
  }
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** How long ago something was. */
export function age(time: Date | undefined, now = new Date()): string {
  if (time === undefined) return '';
  const seconds = (now.getTime() - time.getTime()) / 1_000;
  return seconds < 5 ? 'just now' : `${span(Math.max(0, seconds))} ago`;
}

/** The day of a time, in UTC. */
export const day = (time: Date | undefined): string => time?.toISOString().slice(0, 10) ?? '–';

/** A time to the second, in UTC. */
export const moment = (time: Date | undefined): string => (time === undefined ? '–' : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`);

/** The number of a version, from its name. */
export const numberOf = (name: string): string => name.split('/').at(-1) ?? '';

/** A digest so short that a person can compare it. */
export const shortDigest = (digest: string): string => (digest.startsWith('sha256:') ? digest.slice(7, 19) : digest);

/** How a metric is called, and whether more of it is better. */
export const METRICS: Readonly<Record<string, { readonly title: string; readonly more: boolean; readonly says: string }>> = {
  auc: { title: 'AUC', more: true, says: 'how often a case is ranked above a non-case; 0.5 is chance' },
  log_loss: { title: 'Log loss', more: false, says: 'how far probabilities are from what happened; lower is better' },
  brier: { title: 'Brier score', more: false, says: 'mean squared error of probabilities; lower is better' },
  ece: { title: 'Calibration error', more: false, says: 'how far said and observed shares lie apart; lower is better' },
};

/** The title of a metric. */
export const metricTitle = (metric: string): string => METRICS[metric]?.title ?? metric;

/** Metrics, the one that says most about a model in one figure first. */
const MAIN_METRICS = ['auc', 'log_loss', 'brier', 'ece'];

/** The metric that says most about a model in one figure, of those that it has; undefined where none of them says so much. */
export const mainMetricOf = (metrics: Readonly<Record<string, number>>): string | undefined => MAIN_METRICS.find((name) => metrics[name] !== undefined);

const BLANKS: Readonly<Record<string, string>> = { '\t': '⇥', '\n': '↵', '\r': '↵' };

/** A text of the data so that it looks like no other: an empty one says so, and one that begins or ends with blanks stands between marks. */
export function toldText(text: string): string {
  if (text === '') return '(empty)';
  // A page shows no blanks at its ends, and several as one.
  const kept = text.replaceAll(/^\s+|\s+$/g, (blanks) => blanks.replaceAll(/\s/g, (blank) => BLANKS[blank] ?? '\u00a0'));
  return kept === text ? text : `“${kept}”`;
}

/** A sentence with a capital at its beginning. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
