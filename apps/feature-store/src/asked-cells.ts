import { formulaColumns } from '@millrace/plan';
import { errors } from './errors.js';
import type { ResolvedService } from './feature-service.js';
import { featureViewName } from './feature-view.js';
import type { ServedVector } from './served-vector.js';

/** Throws KEY_MISSING or REQUEST_MISSING, with the index of the vector, where one lacks a cell that its values are read by. */
export function requireAsked({ reads, computed }: ResolvedService, vectors: readonly Pick<ServedVector, 'keys' | 'values'>[]): void {
  for (const { keys, view } of reads) {
    const lacks = (vector: Pick<ServedVector, 'keys'> | undefined, key: string): boolean => !vector || !Object.hasOwn(vector.keys, key) || vector.keys[key]?.[0] === undefined;
    const index = vectors.findIndex((vector) => keys.some((key) => lacks(vector, key)));
    const column = keys.find((key) => lacks(vectors[index], key)) ?? '';
    if (index >= 0) throw errors.KEY_MISSING({ index: String(index), column, key: view.joinKeys[keys.indexOf(column)] ?? column, view: featureViewName.format(view) });
  }
  for (const { columns, features, view } of computed) {
    const served = vectors.map((vector) => new Set(features.filter(({ as }) => Object.hasOwn(vector.values, as)).flatMap(({ feature }) => formulaColumns(feature.formula))));
    for (const column of columns) {
      const index = 'request' in column ? vectors.findIndex((vector, i) => served[i]?.has(column.name) === true && !Object.hasOwn(vector.keys, column.request)) : -1;
      if (index >= 0 && 'request' in column) throw errors.REQUEST_MISSING({ index: String(index), column: column.request, view: featureViewName.format(view) });
    }
  }
}
