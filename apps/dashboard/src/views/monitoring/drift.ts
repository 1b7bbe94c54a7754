import type { ColumnDrift, DriftRule, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { SCORE } from '../../calls/monitor.js';

const DEFAULT_PSI = 0.25;

/** Beyond this PSI an input is an alert. */
export const psiLimit = (rule: DriftRule | undefined): number => rule?.psi || DEFAULT_PSI;

/** What a window says of an input, or of the score. */
export const driftOf = ({ columns, score }: Report, column: string): ColumnDrift | undefined => (column === SCORE ? score : columns.find((each) => each.column === column));

/** Distances between two distributions, as people call them. */
export const DISTANCES: Readonly<Record<string, { readonly title: string; readonly says: string }>> = {
  psi: { title: 'PSI', says: 'population stability index: 0 is no change; 0.1 is said to be some, 0.25 a lot' },
  jensen_shannon: { title: 'Jensen–Shannon', says: 'distance of two distributions: 0 is no change, 1 is nothing in common' },
  ks: { title: 'Kolmogorov–Smirnov', says: 'largest difference of the cumulative shares' },
  ks_p: { title: 'KS p-value', says: 'how likely so large a difference is by chance' },
  wasserstein: { title: 'Wasserstein', says: 'how far values moved on average, in standard deviations of the reference' },
  chi2: { title: 'χ²', says: 'sum of squared differences of counts over what was expected' },
  chi2_p: { title: 'χ² p-value', says: 'how likely so large a difference is by chance' },
};

/** Where an input of a monitor is shown, at one of its windows or at the newest. */
export const inputPlace = (monitor: string, column: string, report = ''): string => `/monitoring/${monitor.split('/')[1]}/inputs/${encodeURIComponent(column)}${report === '' ? '' : `/${report.split('/')[1]}`}`;
