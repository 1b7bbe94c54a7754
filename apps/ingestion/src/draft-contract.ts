import type { ColumnContract } from './column-contract.js';
import type { ColumnProfile } from './profiling/column-profile.js';
import type { Contract } from './contract.js';
import type { Expectation } from './expectation-rule.js';
import type { IngestResult } from './ingest-result.js';
import { type NearReading, nearWhy } from './near-readings.js';

/** Why one part of a draft is as it is. */
export interface DraftRemark {
  /** Such as `columns.delay`. */
  readonly place: string;
  readonly why: string;
}

/** A contract that somebody should read before it counts. */
export interface DraftContract {
  readonly contract: Contract;
  readonly remarks: readonly DraftRemark[];
}

/** More different texts than this are no list of what may stand in a column. */
const MOST_ACCEPTED = 20;
/** Of fewer rows nothing is said that could be chance. */
const FEWEST_ROWS = 5;
/** Presence is asked for a little below what was seen. */
const SLACK = 0.02;
const QUARANTINED_SHARE = 0.01;
const KEY_NAME = /(^|[_ .-])(id|key|code|number|no|uuid)$|Id$|ID$/;

/** A first draft from what a source holds: it may ask too much, so it is tried on the source and thinned by `keepMet`. */
export function draftContract({ contract, profile, counts }: Pick<IngestResult, 'contract' | 'profile' | 'counts'>, near: ReadonlyMap<string, NearReading> = new Map()): DraftContract {
  const rows = counts.kept;
  const remarks: DraftRemark[] = [];
  const remark = (place: string, why: string): void => void remarks.push({ place, why });
  const profiles = new Map(profile.columns.map((column) => [column.column, column]));
  const columns = contract.columns.map((column): ColumnContract => {
    const seen = profiles.get(column.name);
    const required = rows >= FEWEST_ROWS && seen?.missing === 0;
    remark(`columns.${column.name}`, columnWhy(column, { seen, rows, near: near.get(column.name) }));
    return { ...column, required };
  });
  const times = columns.filter(({ type }) => type === 'TIMESTAMP');
  const eventTime = (times.find(({ required }) => required) ?? times[0])?.name ?? '';
  remark('event_time', eventTime === '' ? 'no column holds times; a pipeline needs one, so add it to the source' : times.length === 1 ? 'the only column of times' : `the first of ${times.length} columns of times (${times.map(({ name }) => name).join(', ')}): say which one tells when a row was true`);
  const expectations = [...columns.flatMap((column) => rulesOf(column, { seen: profiles.get(column.name), rows, remark })), ...countRule(rows, remark)];
  remark('extra_columns', 'the file has no other column; a new one is a change that somebody should know of');
  // Rounded up, so that the very file passes.
  const share = Math.min(1, Math.max(QUARANTINED_SHARE, Math.ceil((counts.quarantined / Math.max(1, counts.read)) * 100) / 100));
  remark('max_quarantined_share', `a run fails when more than this share of its rows is set aside; here it was ${counts.quarantined} of ${counts.read}`);
  return { contract: { ...contract, columns, eventTime, key: [], keep: 'FIRST', extraColumns: 'FAIL', maxQuarantinedShare: share, expectations }, remarks };
}

/** The columns of which one might tell rows apart: each is proposed as unique, and the first that proves to be so becomes the key. */
export const keyCandidates = ({ columns }: Contract): readonly ColumnContract[] => columns.filter(({ name, type, required }) => required && (type === 'INT64' || type === 'STRING') && KEY_NAME.test(name));

/** The draft without the rules that the source does not keep, and with the key that proved to be one. */
export function keepMet({ contract, remarks }: DraftContract, result: Pick<IngestResult, 'expectations' | 'counts'>): DraftContract {
  const met = new Set(result.expectations.filter((expectation) => expectation.met).map(({ name }) => name));
  const key = contract.expectations.find(({ name, rule }) => rule.kind === 'unique' && met.has(name));
  const kept = contract.expectations.filter(({ name, rule }) => rule.kind !== 'unique' && met.has(name));
  const dropped = new Set(contract.expectations.filter((expectation) => !kept.includes(expectation)).map(({ name }) => `expectations.${name}`));
  const why = key === undefined ? 'no column was found that tells rows apart; without a key, a duplicate is a row that is equal in every column' : `no two of ${result.counts.kept} rows have the same ${key.column}`;
  return { contract: { ...contract, key: key === undefined ? [] : [key.column], expectations: kept }, remarks: [...remarks.filter(({ place }) => !dropped.has(place)), { place: 'key', why }] };
}

function columnWhy({ type, sourceName, name }: ColumnContract, { seen, rows, near }: { readonly seen: ColumnProfile | undefined; readonly rows: number; readonly near: NearReading | undefined }): string {
  const missing = seen?.missing ?? 0;
  const presence = rows === 0 ? 'no row was kept' : missing === 0 ? 'never missing' : `missing in ${missing} of ${rows}`;
  return `${near ? nearWhy(near) : `every cell reads as ${type}`}; ${presence}${sourceName === name ? '' : `; called ${sourceName} in the source`}`;
}

function rulesOf({ name, type, required }: ColumnContract, { seen, rows, remark }: { seen: ColumnProfile | undefined; rows: number; remark: (place: string, why: string) => void }): readonly Expectation[] {
  if (!seen || rows < FEWEST_ROWS) return [];
  const rules: Expectation[] = [];
  const add = (suffix: string, rule: Expectation['rule'], why: string): void => {
    rules.push({ name: `${name}-${suffix}`, severity: 'WARN', column: name, rule });
    remark(`expectations.${name}-${suffix}`, why);
  };
  const { min, max, top, missing } = seen;
  if ((type === 'INT64' || type === 'FLOAT64') && min !== undefined && max !== undefined) add('range', { kind: 'range', min: outward(min, -1), max: outward(max, 1) }, `from ${min} to ${max} was seen`);
  const listed = top.reduce((sum, { count }) => sum + count, 0);
  if (type === 'STRING' && top.length > 0 && top.length < MOST_ACCEPTED && listed === rows - missing && top.every(({ value, count }) => value.length < 50 && count > 1)) add('accepted', { kind: 'accepted', values: top.map(({ value }) => value).sort() }, `these ${top.length} and no others were seen`);
  if (!required && missing < rows) add('presence', { kind: 'presence', min: Math.max(0, Math.floor(((rows - missing) / rows - SLACK) * 100) / 100) }, `there in ${rows - missing} of ${rows} rows`);
  return rules;
}

function countRule(rows: number, remark: (place: string, why: string) => void): readonly Expectation[] {
  if (rows < FEWEST_ROWS) return [];
  remark('expectations.enough-rows', `half of the ${rows} rows that were kept; a run with fewer is likely half a file`);
  return [{ name: 'enough-rows', severity: 'WARN', column: '', rule: { kind: 'row-count', min: BigInt(Math.floor(rows / 2)) } }];
}

/** The next number outwards that a person would write, so that the draft does not end at the last digit of one value. */
function outward(value: number, sign: -1 | 1): number {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  const rounded = (sign < 0 ? Math.floor(value / step) : Math.ceil(value / step)) * step;
  const tidy = Number(rounded.toPrecision(3));
  return Number.isFinite(tidy) && (sign < 0 ? tidy <= value : tidy >= value) ? tidy : value;
}
