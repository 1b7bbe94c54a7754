import { ColumnContract, ColumnContract_BadCell, type Contract } from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { DraftRemark, InferContractResponse, InspectSourceResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { errors } from '../errors.js';
import { type DraftSplit, draftSplit } from './split.js';
import { type Target, targetName } from './target.js';

/** What a first pipeline over one table is made of. */
export interface PipelineDraft {
  readonly contract: Contract;
  readonly remarks: readonly DraftRemark[];
  readonly target: Target;
  readonly split: DraftSplit;
  readonly timeParts: readonly string[];
  readonly numbers: readonly string[];
  /** Texts of a few values, and texts of many. */
  readonly texts: { readonly few: readonly string[]; readonly many: readonly string[] };
  /** Columns that the model does not see, each with why. */
  readonly left: readonly { readonly column: string; readonly why: string }[];
}

/** Texts up to so many become a column each. */
const FEW = 30n;
/** What goes together so closely with the outcome is most often the outcome. */
const SUSPICIOUS = 0.98;

/** Decides what a first pipeline is, from a drafted contract and from what was seen in the rows; throws NO_INPUT when nothing is left to learn from. */
export function draftPipeline({ contract, remarks = [] }: Pick<InferContractResponse, 'contract' | 'remarks'>, { profile, correlations, counts }: InspectSourceResponse, { target, eventTime }: { readonly target: Target; readonly eventTime: string }): PipelineDraft {
  if (!contract) throw errors.NO_INPUT({ why: 'no contract could be drafted' });
  const rows = counts?.kept ?? 0n;
  const numbers: string[] = [];
  const texts = { few: [] as string[], many: [] as string[] };
  const left: { readonly column: string; readonly why: string }[] = [];
  for (const seen of profile) {
    if (seen.column === eventTime) continue;
    const why = whyLeft(seen, { contract, target, rows, correlations });
    if (why !== undefined) left.push({ column: seen.column, why });
    else if (seen.type !== ColumnType.STRING) numbers.push(seen.column);
    else (seen.distinct <= FEW ? texts.few : texts.many).push(seen.column);
  }
  const times = profile.find(({ column }) => column === eventTime);
  const timeParts = partsOf(times);
  if (numbers.length + texts.few.length + texts.many.length + timeParts.length === 0) throw errors.NO_INPUT({ why: left.map((each) => `${each.column}: ${each.why}`).join('; ') });
  return { contract: withTarget({ ...contract, eventTime }, target), remarks, target, split: draftSplit(times), timeParts, numbers, texts, left };
}

/** Why a model does not see a column; undefined where it does. */
function whyLeft({ column, type, distinct }: ColumnProfile, { contract, target, rows, correlations }: { readonly contract: Contract; readonly target: Target; readonly rows: bigint; readonly correlations: InspectSourceResponse['correlations'] }): string | undefined {
  if (column === target.column) return 'it is what is predicted';
  if (contract.key.includes(column)) return 'it tells rows apart';
  if (type === ColumnType.TIMESTAMP) return 'it holds times; a step dateparts makes numbers of them';
  if (distinct <= 1n) return 'it holds one value only';
  if (type === ColumnType.STRING && distinct * 2n > rows) return 'nearly every row has a text of its own';
  const r = correlations.find(({ left, right }) => (left === column && right === target.column) || (right === column && left === target.column))?.r ?? 0;
  return Math.abs(r) >= SUSPICIOUS ? `it moves with ${target.column} (correlation ${r.toFixed(3)}), so it may be the outcome under another name` : undefined;
}

/** The contract with a column of its own for the outcome, where the outcome is one text of a few. */
function withTarget(contract: Contract, target: Target): Contract {
  if (target.kind !== 'value') return contract;
  const { column, value, others } = target;
  const outcome = ColumnContract.fromPartial({ name: targetName(target), type: ColumnType.BOOL, sourceName: contract.columns.find(({ name }) => name === column)?.sourceName ?? column, trueTexts: [value], falseTexts: [...others], badCell: ColumnContract_BadCell.MISSING });
  return { ...contract, columns: [...contract.columns, outcome] };
}

const DAY_MICROS = 86_400_000_000;

/** What of a time can say something: the hour where times have one, weekday and month where rows reach over several of them. */
function partsOf({ min = 0, max = 0, quantiles = [] }: Partial<ColumnProfile> = {}): readonly string[] {
  const span = max - min;
  return [...(quantiles.some((micros) => micros % DAY_MICROS !== 0) ? ['hour'] : []), ...(span > 21 * DAY_MICROS ? ['weekday'] : []), ...(span > 730 * DAY_MICROS ? ['month'] : [])];
}
