import type { z } from 'zod';
import { errors } from './errors.js';
import type { Estimator, FitOptions, Model, TrainingData } from './estimator.js';
import { dummy } from './estimators/dummy.js';
import { logistic } from './estimators/logistic.js';
import { trees } from './estimators/trees.js';

/** An estimator whose parameters are checked at the door, so that tables can hold all kinds. */
export interface AnyEstimator {
  readonly name: string;
  readonly takesWeights: boolean;
  /** Fills in defaults; throws PARAM_INVALID and names the parameter. */
  parseParams(value: unknown): unknown;
  fit(data: TrainingData, params: unknown, options?: FitOptions): Promise<Model>;
}

/** Every estimator by name: a new one is a file and a line here. */
export const ESTIMATORS: Readonly<Record<string, AnyEstimator>> = Object.fromEntries([erase(dummy), erase(logistic), erase(trees)].map((estimator) => [estimator.name, estimator]));

/** Throws ESTIMATOR_UNKNOWN and says which there are. */
export function findEstimator(name: string): AnyEstimator {
  const found = Object.hasOwn(ESTIMATORS, name) ? ESTIMATORS[name] : undefined;
  if (!found) throw errors.ESTIMATOR_UNKNOWN({ name, known: Object.keys(ESTIMATORS).join(', ') });
  return found;
}

/** Throws WEIGHTS_UNSUPPORTED and says which estimators do take them. */
export function refuseWeights({ name, takesWeights }: AnyEstimator): void {
  if (!takesWeights) throw errors.WEIGHTS_UNSUPPORTED({ estimator: name, known: Object.values(ESTIMATORS).filter((other) => other.takesWeights).map((other) => other.name).join(', ') });
}

function erase<Params>({ name, params, takesWeights = false, fit }: Estimator<Params>): AnyEstimator {
  const estimator: AnyEstimator = {
    name,
    takesWeights,
    parseParams: (value) => {
      const result = (params as z.ZodType<Params>).safeParse(value ?? {});
      if (result.success) return result.data;
      const [issue] = result.error.issues;
      throw errors.PARAM_INVALID({ param: issue?.path.join('.') || (issue && 'keys' in issue ? String(issue.keys) : '(all)'), estimator: name, why: issue?.message ?? 'it is not valid' });
    },
    // What comes here went through parseParams before: parsing it again changes nothing.
    fit: async (data, value, options) => {
      if (data.weights) refuseWeights(estimator);
      return fit(data, params.parse(value ?? {}), options);
    },
  };
  return estimator;
}
