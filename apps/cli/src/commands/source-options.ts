import { resolve } from 'node:path';
import { Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { Source_Format } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { errors } from '../errors.js';
import type { Session } from '../session.js';

/** What is said of a source on the command line. */
export interface SourceOptions {
  readonly format?: string;
  readonly eventTime?: string;
  readonly key?: readonly string[];
  readonly partition?: string;
  readonly postgres?: string;
  readonly table?: string;
  readonly query?: string;
  readonly incremental?: string;
  readonly kafka?: string;
  readonly topic?: string;
  readonly eventId?: string;
  readonly skipRemoved?: boolean;
  readonly descriptor?: string;
  readonly message?: string;
  readonly pushed?: boolean;
  readonly newFilesOnly?: boolean;
}

const FORMATS: Readonly<Record<string, Source_Format>> = { csv: Source_Format.CSV, jsonl: Source_Format.JSON_LINES, json: Source_Format.JSON, parquet: Source_Format.PARQUET };
const BYS: Readonly<Record<string, Partitioning_By>> = { day: Partitioning_By.DAY, month: Partitioning_By.MONTH };
/** What says more of one kind of place; the rest of them needs that kind. */
const OF_KIND = { postgres: ['table', 'query', 'incremental'], kafka: ['topic', 'eventId', 'skipRemoved', 'descriptor', 'message'] } as const;
const FLAGS: Readonly<Record<string, string>> = { eventId: '--event-id', skipRemoved: '--skip-removed' };

/** The source that the command line names: a path, a table, a topic, or the rows that were pushed, and one of them. */
export function sourceOption(session: Session, path: string | undefined, options: SourceOptions) {
  const { postgres, kafka, pushed = false, newFilesOnly = false, format } = options;
  const named = [path !== undefined, postgres !== undefined, kafka !== undefined, pushed].filter(Boolean).length;
  if (named !== 1) throw errors.WRONG_USE({ why: 'Say where the rows come from, and one place only: a path, --postgres CONNECTION, --kafka CONNECTION, or --pushed.' });
  for (const [kind, fields] of Object.entries(OF_KIND) as [keyof typeof OF_KIND, readonly (keyof SourceOptions)[]][]) {
    const given = fields.find((field) => options[field] !== undefined);
    if (given !== undefined && options[kind] === undefined) throw errors.WRONG_USE({ why: `${FLAGS[given] ?? `--${given}`} is about --${kind}; name its connection.` });
  }
  if (newFilesOnly && path === undefined) throw errors.WRONG_USE({ why: '--new-files-only is about files; give a path.' });
  return {
    path: path === undefined ? '' : sourcePath(session, path),
    format: formatOption(format),
    newFilesOnly,
    ...(postgres === undefined ? {} : { postgres: tableOf(postgres, options) }),
    ...(kafka === undefined ? {} : { kafka: topicOf(session, kafka, options) }),
    ...(pushed ? { push: {} } : {}),
  };
}

/** How people call it. */
export const sourceName = (path: string | undefined, { postgres, table, kafka, topic }: SourceOptions): string => path ?? (postgres !== undefined ? (table ?? `a query of ${postgres}`) : kafka !== undefined ? (topic ?? kafka) : 'pushed rows');

/** A contract that says only what the options say; the columns are inferred. */
export const contractOption = ({ eventTime = '', key = [], partition }: SourceOptions) => ({ eventTime, key: [...key], ...(partition === undefined ? {} : { partition: partitionOption(partition) }) });

/** The format of `--format`; by the extension when it is not said. */
function formatOption(text: string | undefined): Source_Format {
  if (text === undefined) return Source_Format.UNSPECIFIED;
  const format = FORMATS[text.toLowerCase()];
  if (format === undefined) throw errors.WRONG_USE({ why: `--format ${text} is not known; give one of ${Object.keys(FORMATS).join(', ')}.` });
  return format;
}

/** A path as the service understands it: below the folder where this program runs, or in a bucket. */
const sourcePath = ({ terminal }: Session, path: string): string => (path.startsWith('s3://') ? path : resolve(terminal.cwd, path));

function tableOf(connection: string, { table = '', query = '', incremental = '' }: SourceOptions) {
  if ((table === '') === (query === '')) throw errors.WRONG_USE({ why: '--postgres needs --table or --query, and one of them.' });
  return { connection, table, query, incrementalColumn: incremental };
}

function topicOf(session: Session, connection: string, { topic = '', eventId = '', skipRemoved = false, descriptor, message }: SourceOptions) {
  if (topic === '') throw errors.WRONG_USE({ why: '--kafka needs --topic.' });
  if ((descriptor === undefined) !== (message === undefined)) throw errors.WRONG_USE({ why: '--descriptor and --message go together: a file with a FileDescriptorSet, and the message in it.' });
  return { connection, topic, eventIdColumn: eventId, skipRemoved, descriptorPath: descriptor === undefined ? '' : sourcePath(session, descriptor), messageType: message ?? '' };
}

function partitionOption(text: string) {
  const [, unit = '', column = ''] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  const by = BYS[unit];
  if (by === undefined) throw errors.WRONG_USE({ why: `--partition ${text} is not known; give day:COLUMN or month:COLUMN.` });
  return { by, column };
}
