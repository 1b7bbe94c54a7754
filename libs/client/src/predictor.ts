import type { Client } from './client.js';
import type { CallOptions } from './connection.js';
import type { PredictResponse } from './gen/millrace/inference/v1/inference_service.js';
import type { Value } from './gen/millrace/type/v1/value.js';
import { MillraceError } from './millrace-error.js';
import type { Input } from './shapes.js';

/** A cell as a caller holds it. What is undefined is missing. */
export type CellValue = string | number | bigint | boolean | Date | undefined;

/** How a column is sent, by its type in the model's signature. */
export type CellType = 'BOOL' | 'INT64' | 'FLOAT64' | 'STRING' | 'TIMESTAMP';

/** What may be said beside the rows. */
export interface PredictOptions extends CallOptions {
  /** One a row: when the thing predicted happens, which also says as of when features are read. */
  readonly eventTimes?: readonly Date[];
  /** Answer with the inputs as the model saw them. */
  readonly explainInputs?: boolean;
  /** Answer with so many inputs that moved each score most; for at most 100 rows. */
  readonly contributions?: number;
}

/** A client that has endpoints. */
export interface Predicts {
  readonly endpoints: Pick<Client['endpoints'], 'predictRows'>;
}

/** Asks an endpoint for a prediction for each row, in their order. */
export type Predict<Row> = (client: Predicts, rows: readonly Row[], options?: PredictOptions) => Promise<PredictResponse>;

const CELLS: Readonly<Record<CellType, (cell: never) => Input<Value>>> = {
  BOOL: (boolValue: boolean) => ({ boolValue }),
  INT64: (int64Value: bigint | number) => ({ int64Value }),
  FLOAT64: (float64Value: number) => ({ float64Value }),
  STRING: (stringValue: string) => ({ stringValue }),
  TIMESTAMP: (timestampValue: Date) => ({ timestampValue }),
};

/** Makes the `predict()` of an endpoint whose rows have these columns; `millrace generate client` writes the call. */
export function predictor<Row extends { readonly [Column in keyof Row]: CellValue }>(endpoint: string, columns: Readonly<Record<keyof Row, CellType>>): Predict<Row> {
  const types = new Map<string, CellType>(Object.entries(columns));
  const toValues = (row: Row, i: number) => ({
    values: Object.fromEntries(
      Object.entries<CellValue>(row)
        .filter(([, cell]) => cell !== undefined)
        .map(([name, cell]) => {
          const type = types.get(name);
          if (type === undefined) throw new MillraceError(`rows[${i}].${name}: ${endpoint} has no such column; it has ${[...types.keys()].join(', ')}.`, { code: 'INVALID_ARGUMENT', reason: 'COLUMN_UNKNOWN', metadata: { column: name }, fields: [{ field: `rows[${i}].${name}`, description: 'it is no column' }] });
          return [name, CELLS[type](cell as never)];
        }),
    ),
  });
  return async (client, rows, { eventTimes = [], explainInputs = false, contributions = 0, ...options } = {}) => client.endpoints.predictRows({ endpoint, rows: rows.map(toValues), eventTimes, explainInputs, contributions }, options);
}
