import type { GetPredictionResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { AskedKey } from '../../calls/features.js';

/** The question that the features of a prediction answered: its inputs are keys and what formulas read, and the store takes of each what it knows. */
export const askedOf = ({ record, inputs }: GetPredictionResponse, service: string): AskedKey => ({
  service,
  keys: { values: { ...record?.asked?.values, ...Object.fromEntries(inputs.flatMap((name, i) => (record?.inputs[i]?.kind === undefined ? [] : [[name, record.inputs[i]] as const]))) } },
  time: record?.eventTime,
});
