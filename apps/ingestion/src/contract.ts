import { canonicalJson, type ColumnType } from '@millrace/core';
import { checkReading, type ColumnContract } from './column-contract.js';
import { errors } from './errors.js';
import { checkExpectation, type Expectation } from './expectation-rule.js';
import { partitionFault, type Partitioning } from './partition.js';

export type KeepPolicy = 'FIRST' | 'LAST' | 'NEWEST' | 'NONE';

/** What the producer promises, and what happens to rows that break the promise. */
export interface Contract {
  /** Empty means: infer from the source, then enforce. */
  readonly columns: readonly ColumnContract[];
  /** Empty means all columns. */
  readonly key: readonly string[];
  readonly keep: KeepPolicy;
  /** The column whose largest value makes a row the newest; the event time when it is absent. */
  readonly newestBy?: string;
  readonly expectations: readonly Expectation[];
  readonly eventTime: string;
  readonly extraColumns: 'DROP' | 'FAIL';
  readonly maxQuarantinedShare: number;
  /** How versions are cut by time; absent: not at all, or as the version is that is appended to. */
  readonly partition?: Partitioning;
}

/** Says nothing: columns are inferred. */
export const OPEN_CONTRACT: Contract = { columns: [], key: [], keep: 'FIRST', expectations: [], eventTime: '', extraColumns: 'FAIL', maxQuarantinedShare: 0 };

/** A contract travels in an event when its run fails, and a bus takes small records. */
const MAX_CONTRACT_LENGTH = 750_000;
const NAME = /^[A-Za-z][A-Za-z0-9_ .-]{0,127}$/;

/** Finds contradictions in a contract whose columns are known; throws INVALID_CONTRACT and names the place. */
export function checkContract(contract: Contract): Contract {
  const size = canonicalJson(contract).length;
  if (size > MAX_CONTRACT_LENGTH) throw fault('columns and expectations', `it is ${size} characters long, and at most ${MAX_CONTRACT_LENGTH} are taken`);
  const types = new Map<string, ColumnType>();
  const folded = new Set<string>();
  for (const { name, type } of contract.columns) {
    if (!NAME.test(name)) throw fault(`columns.${name}`, 'a column name starts with a letter and holds letters, digits, space, dot, dash or underscore, at most 128; give it such a name, and its name in the file as source_name');
    if (types.has(name)) throw fault(`columns.${name}`, 'the name stands twice');
    // Tables do not tell such names apart.
    if (folded.size === folded.add(name.toLowerCase()).size) throw fault(`columns.${name}`, 'another name differs from it only by upper and lower case; rename one, and give its name in the file as source_name');
    types.set(name, type);
  }
  const known = (place: string, column: string): ColumnType => {
    const type = types.get(column);
    if (type === undefined) throw fault(place, `column "${column}" is not in the contract`);
    return type;
  };
  contract.key.forEach((column) => known('key', column));
  if (contract.eventTime !== '' && known('event_time', contract.eventTime) !== 'TIMESTAMP') throw fault('event_time', `column "${contract.eventTime}" is not a TIMESTAMP`);
  if (contract.newestBy !== undefined) {
    known('newest_by', contract.newestBy);
    if (contract.keep !== 'NEWEST') throw fault('newest_by', 'it says which row is the newest, and keep is not newest; set keep to newest, or leave newest_by out');
  }
  if (contract.keep === 'NEWEST' && contract.eventTime === '' && contract.newestBy === undefined) throw fault('keep', 'to keep the newest row, name the event_time, or another column as newest_by');
  const cut = contract.partition && partitionFault(contract.partition, types);
  if (cut !== undefined) throw fault('partition', cut);
  contract.columns.forEach(checkReading);
  if (!(contract.maxQuarantinedShare >= 0 && contract.maxQuarantinedShare <= 1)) throw fault('max_quarantined_share', 'a share lies between 0 and 1');
  const names = new Set<string>();
  for (const expectation of contract.expectations) {
    const place = `expectations.${expectation.name}`;
    if (names.has(expectation.name)) throw fault(place, 'the name stands twice');
    names.add(expectation.name);
    checkExpectation(place, expectation, known);
  }
  return contract;
}

const fault = (place: string, why: string): Error => errors.INVALID_CONTRACT({ place, why });

/** The columns that tell two rows apart: those of the key, else all. */
export const keyColumns = ({ key, columns }: Contract): readonly string[] => (key.length > 0 ? key : columns.map(({ name }) => name));
