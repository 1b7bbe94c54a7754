import { resolve } from 'node:path';
import { Source_Format } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { errors } from '../errors.js';
import type { Session } from '../session.js';

/** What is said of a source on the command line. */
export interface SourceOptions {
  readonly format?: string;
  readonly eventTime?: string;
  readonly key?: readonly string[];
}

const FORMATS: Readonly<Record<string, Source_Format>> = { csv: Source_Format.CSV, jsonl: Source_Format.JSON_LINES, json: Source_Format.JSON, parquet: Source_Format.PARQUET };

/** The format of `--format`; by the extension when it is not said. */
export function formatOption(text: string | undefined): Source_Format {
  if (text === undefined) return Source_Format.UNSPECIFIED;
  const format = FORMATS[text.toLowerCase()];
  if (format === undefined) throw errors.WRONG_USE({ why: `--format ${text} is not known; give one of ${Object.keys(FORMATS).join(', ')}.` });
  return format;
}

/** A path as the service understands it: below the folder where this program runs, or in a bucket. */
export const sourcePath = ({ terminal }: Session, path: string): string => (path.startsWith('s3://') ? path : resolve(terminal.cwd, path));

/** A contract that says only what the options say; the columns are inferred. */
export const contractOption = ({ eventTime = '', key = [] }: SourceOptions) => ({ eventTime, key: [...key] });
