import {
  type ColumnContract,
  ColumnContract_BadCell,
  type Contract,
  Contract_ExtraColumns,
  Contract_KeepPolicy,
  type Expectation,
  Expectation_Severity,
} from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { DraftRemark } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { Document, isScalar, Pair, Scalar, YAMLMap } from 'yaml';
import { word } from '../text/state-word.js';

/** A drafted contract as it stands in a pipeline file, under `contract:`, each part with the reason why it is as it is. */
export function contractYaml({ columns, key, keep, expectations, eventTime, extraColumns, maxQuarantinedShare }: Contract, remarks: readonly DraftRemark[]): string {
  const document = new Document({
    contract: {
      event_time: eventTime,
      key,
      keep: KEEP[keep],
      extra_columns: EXTRA[extraColumns],
      max_quarantined_share: maxQuarantinedShare,
      columns: Object.fromEntries(columns.map((column) => [column.name, columnOf(column)])),
      expectations: Object.fromEntries(expectations.map((expectation) => [expectation.name, expectationOf(expectation)])),
    },
  });
  for (const { place, why } of remarks) {
    const [field = '', name] = split(place);
    const around: unknown = document.getIn(name === undefined ? ['contract'] : ['contract', field], true);
    const pair = around instanceof YAMLMap ? (around.items as Pair[]).find(({ key: found }) => isScalar(found) && found.value === (name ?? field)) : undefined;
    if (pair && isScalar(pair.key)) (pair.key as Scalar).commentBefore = ` ${why.replaceAll('\n', ' ')}`;
  }
  // Columns and rules stand in one line each, lists too.
  for (const path of [['contract', 'columns'], ['contract', 'expectations'], ['contract']]) {
    const map: unknown = document.getIn(path, true);
    if (!(map instanceof YAMLMap)) continue;
    for (const { value, key: name } of map.items as Pair[]) if (isScalar(name) && !['columns', 'expectations'].includes(String(name.value)) && typeof value === 'object' && value !== null) (value as { flow?: boolean }).flow = true;
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

const KEEP = { [Contract_KeepPolicy.UNSPECIFIED]: 'first', [Contract_KeepPolicy.FIRST]: 'first', [Contract_KeepPolicy.LAST]: 'last', [Contract_KeepPolicy.NONE]: 'none', [Contract_KeepPolicy.NEWEST]: 'newest' };
const EXTRA = { [Contract_ExtraColumns.UNSPECIFIED]: 'drop', [Contract_ExtraColumns.DROP]: 'drop', [Contract_ExtraColumns.FAIL]: 'fail' };
const BAD_CELL = { [ColumnContract_BadCell.UNSPECIFIED]: undefined, [ColumnContract_BadCell.QUARANTINE]: undefined, [ColumnContract_BadCell.MISSING]: 'missing', [ColumnContract_BadCell.FAIL]: 'fail' };
const SEVERITY = { [Expectation_Severity.UNSPECIFIED]: 'warn', [Expectation_Severity.WARN]: 'warn', [Expectation_Severity.QUARANTINE]: 'quarantine', [Expectation_Severity.FAIL]: 'fail' };

/** The name in a place may hold dots. */
const split = (place: string): readonly string[] => (place.includes('.') ? [place.slice(0, place.indexOf('.')), place.slice(place.indexOf('.') + 1)] : [place]);

const columnOf = ({ name, type, required, sourceName, badCell, numbers, formats, trueTexts, falseTexts }: ColumnContract) => ({
  type: word(type),
  ...(required ? { required } : {}),
  ...(sourceName === '' || sourceName === name ? {} : { source_name: sourceName }),
  ...(BAD_CELL[badCell] === undefined ? {} : { bad_cell: BAD_CELL[badCell] }),
  ...(numbers ? { numbers: { ...(numbers.thousands === '' ? {} : { thousands: numbers.thousands }), decimal: numbers.decimal === '' ? '.' : numbers.decimal } } : {}),
  ...(formats.length === 0 ? {} : { formats }),
  ...(trueTexts.length === 0 ? {} : { true_texts: trueTexts }),
  ...(falseTexts.length === 0 ? {} : { false_texts: falseTexts }),
});

const expectationOf = ({ column, severity, rule }: Expectation) => ({ ...(column === '' ? {} : { column }), ...ruleOf(rule), severity: SEVERITY[severity] });

/** The rules that a draft has. */
function ruleOf(rule: Expectation['rule']): Readonly<Record<string, unknown>> {
  switch (rule?.$case) {
    case 'range':
      return { range: bounds(rule.value.min, rule.value.max) };
    case 'accepted':
      return { accepted: rule.value.values };
    case 'presence':
      return { presence: { min: rule.value.min } };
    case 'rowCount':
      return { row_count: bounds(toNumber(rule.value.min), toNumber(rule.value.max)) };
    case 'pattern':
      return { pattern: rule.value.regex };
    default:
      throw new Error(`A draft has no rule "${rule?.$case ?? ''}".`);
  }
}

const bounds = (min: number | undefined, max: number | undefined) => ({ ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) });
const toNumber = (value: bigint | undefined): number | undefined => (value === undefined ? undefined : Number(value));
