import type { ColumnType } from '@millrace/core';
import {
  Accepted,
  type ColumnContract as ColumnMessage,
  ColumnContract_BadCell as BadCellMessage,
  Comparison_Operator as OperatorMessage,
  type Contract as ContractMessage,
  Contract_ExtraColumns as ExtraMessage,
  Contract_KeepPolicy as KeepMessage,
  type Expectation as ExpectationMessage,
  Expectation_Severity as SeverityMessage,
  type Partitioning as PartitioningMessage,
  Partitioning_By as ByMessage,
} from '@millrace/contracts/millrace/ingestion/v1/contract';
import { ColumnType as TypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import type { BadCell, ColumnContract } from './column-contract.js';
import type { Contract, KeepPolicy } from './contract.js';
import type { Expectation, Operator, Rule, Severity } from './expectation-rule.js';
import { errors } from './errors.js';
import type { PartitionBy, Partitioning } from './partition.js';

const TYPES: Record<ColumnType, TypeMessage> = { BOOL: TypeMessage.BOOL, INT64: TypeMessage.INT64, FLOAT64: TypeMessage.FLOAT64, STRING: TypeMessage.STRING, TIMESTAMP: TypeMessage.TIMESTAMP };
const BAD_CELLS: Record<BadCell, BadCellMessage> = { QUARANTINE: BadCellMessage.QUARANTINE, MISSING: BadCellMessage.MISSING, FAIL: BadCellMessage.FAIL };
const KEEPS: Record<KeepPolicy, KeepMessage> = { FIRST: KeepMessage.FIRST, LAST: KeepMessage.LAST, NEWEST: KeepMessage.NEWEST, NONE: KeepMessage.NONE };
const SEVERITIES: Record<Severity, SeverityMessage> = { WARN: SeverityMessage.WARN, QUARANTINE: SeverityMessage.QUARANTINE, FAIL: SeverityMessage.FAIL };
const OPERATORS: Record<Operator, OperatorMessage> = {
  EQUAL: OperatorMessage.EQUAL,
  NOT_EQUAL: OperatorMessage.NOT_EQUAL,
  LESS: OperatorMessage.LESS,
  AT_MOST: OperatorMessage.AT_MOST,
  GREATER: OperatorMessage.GREATER,
  AT_LEAST: OperatorMessage.AT_LEAST,
};
const EXTRAS: Record<Contract['extraColumns'], ExtraMessage> = { DROP: ExtraMessage.DROP, FAIL: ExtraMessage.FAIL };
const BYS: Record<PartitionBy, ByMessage> = { DAY: ByMessage.DAY, MONTH: ByMessage.MONTH };

/** The contract of a request; what is left open gets its default. Faults are named by place. */
export function parseContract(message: ContractMessage | undefined): Contract {
  return {
    columns: (message?.columns ?? []).map(parseColumn),
    key: message?.key ?? [],
    keep: keyOf(KEEPS, message?.keep) ?? 'FIRST',
    ...(message?.newestBy ? { newestBy: message.newestBy } : {}),
    expectations: (message?.expectations ?? []).map(parseExpectation),
    eventTime: message?.eventTime ?? '',
    extraColumns: keyOf(EXTRAS, message?.extraColumns) ?? 'FAIL',
    maxQuarantinedShare: message?.maxQuarantinedShare ?? 0,
    ...(message?.partition ? { partition: parsePartitioning(message.partition) } : {}),
  };
}

function parsePartitioning({ by, column }: PartitioningMessage): Partitioning {
  const known = keyOf(BYS, by);
  if (known === undefined) throw errors.INVALID_CONTRACT({ place: 'partition.by', why: `give one of ${Object.keys(BYS).join(', ')}` });
  if (column === '') throw errors.INVALID_CONTRACT({ place: 'partition.column', why: 'name the TIMESTAMP column that parts are cut by' });
  return { by: known, column };
}

function parseColumn({ name, type, required, sourceName, missingTexts, badCell, format, formats, numbers, trueTexts, falseTexts, units, bits }: ColumnMessage): ColumnContract {
  const known = keyOf(TYPES, type);
  if (known === undefined) throw errors.INVALID_CONTRACT({ place: `columns.${name}.type`, why: `give one of ${Object.keys(TYPES).join(', ')}` });
  if (bits !== 0 && bits !== 32 && bits !== 64) throw errors.INVALID_CONTRACT({ place: `columns.${name}.bits`, why: 'give 32 or 64' });
  return {
    name,
    type: known,
    required,
    sourceName: sourceName === '' ? name : sourceName,
    missingTexts,
    badCell: keyOf(BAD_CELLS, badCell) ?? 'QUARANTINE',
    format,
    ...(formats.length > 0 ? { formats } : {}),
    ...(numbers ? { numbers: { thousands: numbers.thousands, decimal: numbers.decimal === '' ? '.' : numbers.decimal } } : {}),
    ...(trueTexts.length + falseTexts.length > 0 ? { words: { true: trueTexts, false: falseTexts } } : {}),
    ...(units.length > 0 ? { units } : {}),
    ...(bits === 32 ? { bits } : {}),
  };
}

function parseExpectation({ name, severity, column, rule }: ExpectationMessage): Expectation {
  if (name === '') throw errors.INVALID_CONTRACT({ place: 'expectations', why: 'every expectation has a name' });
  return { name, severity: keyOf(SEVERITIES, severity) ?? 'WARN', column, rule: parseRule(name, rule) };
}

function parseRule(name: string, rule: ExpectationMessage['rule']): Rule {
  switch (rule?.$case) {
    case 'range': {
      const { min, max } = rule.value;
      return { kind: 'range', ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }
    case 'accepted':
      return { kind: 'accepted', values: rule.value.values };
    case 'pattern':
      return { kind: 'pattern', regex: rule.value.regex };
    case 'notNull':
      return { kind: 'not-null' };
    case 'rowCount': {
      const { min, max } = rule.value;
      return { kind: 'row-count', ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }
    case 'missingShare':
      return { kind: 'missing-share', max: rule.value.max };
    case 'presence':
      return { kind: 'presence', min: rule.value.min };
    case 'unique':
      return { kind: 'unique', with: rule.value.with };
    case 'freshness':
      return { kind: 'freshness', maxAgeMs: fromDuration(rule.value.maxAge) };
    case 'comparison': {
      const { operator, other, missingBreaks } = rule.value;
      const known = keyOf(OPERATORS, operator);
      if (known === undefined) throw errors.INVALID_CONTRACT({ place: `expectations.${name}`, why: `give one of ${Object.keys(OPERATORS).join(', ')} as the operator` });
      return { kind: 'comparison', operator: known, other, missingBreaks };
    }
    case undefined:
      throw errors.INVALID_CONTRACT({ place: `expectations.${name}`, why: 'it has no rule' });
  }
}

const fromDuration = (duration: { readonly seconds: bigint; readonly nanos: number } | undefined): number => (duration === undefined ? 0 : Number(duration.seconds) * 1000 + duration.nanos / 1_000_000);

/** The public form of a contract. */
export const contractMessage = (contract: Contract): ContractMessage => ({
  columns: contract.columns.map(columnMessage),
  key: [...contract.key],
  keep: KEEPS[contract.keep],
  expectations: contract.expectations.map(({ name, severity, column, rule }) => ({ name, severity: SEVERITIES[severity], column, rule: ruleMessage(rule) })),
  eventTime: contract.eventTime,
  extraColumns: EXTRAS[contract.extraColumns],
  maxQuarantinedShare: contract.maxQuarantinedShare,
  newestBy: contract.newestBy ?? '',
  partition: contract.partition && { by: BYS[contract.partition.by], column: contract.partition.column },
});

const columnMessage = ({ name, type, required, sourceName, missingTexts, badCell, format, formats = [], numbers, words, units = [], bits }: ColumnContract): ColumnMessage => ({
  name,
  type: TYPES[type],
  required,
  sourceName,
  missingTexts: [...missingTexts],
  badCell: BAD_CELLS[badCell],
  format,
  formats: [...formats],
  numbers: numbers && { ...numbers },
  trueTexts: [...(words?.true ?? [])],
  falseTexts: [...(words?.false ?? [])],
  units: units.map((unit) => ({ ...unit })),
  bits: bits ?? 0,
});

function ruleMessage(rule: Rule): ExpectationMessage['rule'] {
  switch (rule.kind) {
    case 'range':
      return { $case: 'range', value: { min: rule.min, max: rule.max } };
    case 'accepted':
      return { $case: 'accepted', value: Accepted.fromPartial({ values: [...rule.values] }) };
    case 'pattern':
      return { $case: 'pattern', value: { regex: rule.regex } };
    case 'not-null':
      return { $case: 'notNull', value: {} };
    case 'row-count':
      return { $case: 'rowCount', value: { min: rule.min, max: rule.max } };
    case 'missing-share':
      return { $case: 'missingShare', value: { max: rule.max } };
    case 'presence':
      return { $case: 'presence', value: { min: rule.min } };
    case 'unique':
      return { $case: 'unique', value: { with: [...rule.with] } };
    case 'freshness':
      return { $case: 'freshness', value: { maxAge: { seconds: BigInt(Math.floor(rule.maxAgeMs / 1000)), nanos: (rule.maxAgeMs % 1000) * 1_000_000 } } };
    case 'comparison':
      return { $case: 'comparison', value: { operator: OPERATORS[rule.operator], other: rule.other, missingBreaks: rule.missingBreaks } };
  }
}

/** The public form of a column type. */
export const columnTypeMessage = (type: ColumnType): TypeMessage => TYPES[type];

function keyOf<Key extends string, Value>(table: Readonly<Record<Key, Value>>, value: Value | undefined): Key | undefined {
  return (Object.keys(table) as Key[]).find((key) => table[key] === value);
}
