import { InferenceServiceDefinition, PredictResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Row } from '@millrace/contracts/millrace/type/v1/value';
import { toCell } from '../calls/cell.js';
import { type JsonRow, parseRow, parseRows } from '../calls/json-rows.js';
import { fullName, shortVersion } from '../calls/names.js';
import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { plural } from '../text/figures.js';
import { timeOption } from '../text/times.js';
import { readText } from './read-text.js';
import { valueText } from './value-text.js';

/** What `millrace predict` may be told. */
export interface PredictOptions {
  readonly row?: readonly string[];
  readonly file?: string;
  readonly time?: readonly string[];
  readonly why?: string;
}

/** Rows of one request: a few milliseconds of work, and far below the largest message. */
const ROWS_A_REQUEST = 500;
/** A service explains so many rows at a time. */
const EXPLAINED_A_REQUEST = 100;

/** Asks an endpoint for one prediction a row; fails when every row was refused. */
export async function predict(session: Session, name: string, place: string | undefined, { row = [], file: option, time = [], why }: PredictOptions): Promise<ExitCode> {
  const { call } = session;
  if (place !== undefined && option !== undefined) throw errors.WRONG_USE({ why: 'ROWS and --file both say where rows are; give one of them.' });
  const file = place ?? option;
  const endpoint = fullName('endpoints', name);
  const given = [...row.map((text, i) => parseRow(text, row.length === 1 ? '--row' : `--row ${i + 1}`)), ...(file === undefined ? [] : parseRows(await readText(file, session.terminal), file === '-' ? 'standard input' : file))];
  if (given.length === 0) throw errors.NO_ROWS({});
  const times = time.map((text) => timeOption(text, '--time'));
  if (times.length > 1 && times.length !== given.length) throw errors.TIMES_UNEVEN({ times: String(times.length), rows: String(given.length) });
  const contributions = why === undefined ? 0 : Number(why);
  if (!Number.isInteger(contributions) || contributions < 0) throw errors.WRONG_NUMBER({ text: why ?? '', option: '--why', wanted: 'how many inputs to tell of, such as 5' });
  const eventTimes = times.length === 1 ? given.map(() => times[0] as Date) : times;

  const [inference, registry] = await Promise.all([session.connect(InferenceServiceDefinition), session.connect(RegistryServiceDefinition)]);
  const { modelVersion, featureService } = await inference.getEndpoint({ name: endpoint }, call);
  const { signature } = await registry.getModelVersion({ name: modelVersion }, call);
  const types = new Map((signature?.inputs ?? []).map(({ column }) => [column?.name ?? '', column?.type] as const));
  if (featureService === '') warnOfStrangers(session, given, types);
  const rows = given.map((cells, i) => toWireRow(cells, types, given.length === 1 ? 'the row' : `row ${i + 1}`));

  const all: PredictResponse = { predictions: [], modelVersion, inputs: [] };
  const ask = async (): Promise<void> => {
    const size = contributions === 0 ? ROWS_A_REQUEST : EXPLAINED_A_REQUEST;
    for (let start = 0; start < rows.length; start += size) {
      const end = start + size;
      const part = await inference.predict({ endpoint, rows: rows.slice(start, end), eventTimes: eventTimes.slice(start, end), contributions }, call);
      all.predictions.push(...part.predictions);
      all.modelVersion = part.modelVersion;
    }
  };
  await session.slowly(`predicting ${plural(rows.length, 'row')}`, ask());
  session.answer(() => PredictResponse.toJSON(all), () => tell(session, all));
  return all.predictions.every(({ refused }) => refused !== '') ? EXIT.failed : EXIT.done;
}

/** A row with each cell as its column wants it. */
export const toWireRow = (cells: JsonRow, types: ReadonlyMap<string, ColumnType | undefined>, place: string): Row => ({ values: Object.fromEntries(Object.entries(cells).map(([column, cell]) => [column, toCell(cell, types.get(column), { place, column })])) });

/** A column that nobody reads is most often a slip of the pen. */
function warnOfStrangers(session: Session, rows: readonly JsonRow[], types: ReadonlyMap<string, unknown>): void {
  const strangers = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => !types.has(column));
  if (strangers.length > 0) session.remark(`The model does not read ${strangers.join(', ')}; its inputs are ${[...types.keys()].join(', ')}.`);
}

const tell = (session: Session, { predictions, modelVersion }: PredictResponse): string =>
  session.table(
    [{ title: '#', align: 'right' }, { title: 'SCORE', align: 'right' }, { title: 'ID' }, { title: 'FLAGS' }],
    predictions.map(({ id, score, flags, refused }, i) => [
      String(i + 1),
      refused === '' ? score.toFixed(6) : { text: 'refused', style: 'bad' },
      id,
      refused !== '' ? { text: refused, style: 'bad' } : { text: flags.map(({ column, kind, detail }) => `${kind.toLowerCase().replaceAll('_', ' ')} ${column}${detail === '' ? '' : ` (${detail})`}`).join('; '), style: 'warn' },
    ]),
  ) + session.styled('dim', `by ${shortVersion(modelVersion)}\n`) + tellWhy(session, predictions);

/** The inputs that moved each score, where they were asked for. */
function tellWhy(session: Session, predictions: PredictResponse['predictions']): string {
  const rows = predictions.flatMap(({ contributions }, i) => contributions.map(({ input, change, typical }) => [String(i + 1), input, `${change < 0 ? '' : '+'}${change.toFixed(4)}`, valueText(typical) || 'missing']));
  return rows.length === 0 ? '' : session.title('Why: the change of the score, were the input typical') + session.table([{ title: '#', align: 'right' }, { title: 'INPUT' }, { title: 'CHANGE', align: 'right' }, { title: 'TYPICAL' }], rows);
}
