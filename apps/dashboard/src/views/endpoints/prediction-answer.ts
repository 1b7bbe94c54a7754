import { PredictResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { Contribution, GuardFlag } from '@millrace/contracts/millrace/inference/v1/prediction';
import { textOf } from './row-text.js';

/** What an endpoint answered about one row. */
export interface PredictionAnswer {
  readonly id: string;
  readonly score: number;
  readonly flags: readonly GuardFlag[];
  /** In words, when the guard refused the row; then there is no score and nothing is logged. */
  readonly refused: string;
  /** The inputs that moved the score most, the greatest change first. */
  readonly contributions: readonly Contribution[];
  readonly modelVersion: string;
  /** The inputs as the model saw them; missing ones are undefined. */
  readonly inputs: readonly (readonly [name: string, value: string | undefined])[];
}

/** Reads the answer about one row; undefined when it holds none. */
export function answerOf(json: unknown): PredictionAnswer | undefined {
  const { predictions: [prediction], modelVersion, inputs: [inputs] } = PredictResponse.fromJSON(json);
  return prediction && { ...prediction, modelVersion, inputs: Object.entries(inputs?.values ?? {}).map(([name, value]) => [name, textOf(value)]) };
}

const WORDS: Readonly<Record<string, string>> = { NOT_FOUND_FEATURE: 'feature not found', EXPIRED_FEATURE: 'feature expired', UNSEEN_CATEGORY: 'unseen text' };

/** The kind of a flag in words. */
export const flagWord = ({ kind }: Pick<GuardFlag, 'kind'>): string => WORDS[kind] ?? kind.toLowerCase().replaceAll('_', ' ');

/** So many inputs are named; of more, their number is told. */
const FEW = 2;

/** What was odd about a row in a few words: each kind with its inputs. */
export function oddOf(flags: readonly Pick<GuardFlag, 'kind' | 'column'>[]): string {
  const kinds = [...Map.groupBy(flags, flagWord)].map(([kind, those]) => `${kind}: ${those.length > FEW ? `${those.length} inputs` : those.map(({ column }) => column).join(', ')}`);
  return kinds.length === 0 ? 'nothing' : kinds.join('; ');
}

/** What the guard says of one input. */
export const flagsOf = ({ flags }: PredictionAnswer, column: string): readonly string[] => flags.filter((flag) => flag.column === column).map((flag) => (flag.detail.startsWith(flagWord(flag)) ? flag.detail : `${flagWord(flag)}: ${flag.detail}`));
