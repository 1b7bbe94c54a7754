import type { ColumnType } from '@millrace/core';
import type { PipelineFile } from './pipeline-file.js';
import { sourceColumns } from './source-columns.js';

type OnDemandView = NonNullable<PipelineFile['on_demand_views']>[string];

/** The features that a view on demand reads, by the names that its formulas use, with the types that they have there: all numbers are one. Undefined where only the data say the type. */
export const readColumns = (file: PipelineFile, { reads }: Pick<OnDemandView, 'reads'>): readonly { readonly name: string; readonly type: ColumnType | undefined }[] =>
  reads.flatMap(({ view: name, features, prefix }) => {
    const view = file.feature_views[name];
    const columns = view ? sourceColumns(file, view.source) : [];
    return (features.length > 0 ? features : Object.keys(view?.features ?? {})).map((feature) => {
      const { latest, latest_present, previous } = view?.features[feature] ?? {};
      const kept = latest ?? latest_present ?? previous;
      return { name: prefix + feature, type: kept === undefined || view?.derive[kept] ? ('FLOAT64' as const) : numbersAsOne(columns.find((column) => column.name === kept)?.type) };
    });
  });

const numbersAsOne = (type: ColumnType | undefined): ColumnType | undefined => (type === 'INT64' || type === 'BOOL' ? 'FLOAT64' : type);
