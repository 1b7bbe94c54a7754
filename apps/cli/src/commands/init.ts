import { access, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { InferContractResponse, IngestionServiceDefinition, InspectSourceResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { errors } from '../errors.js';
import { draftPipeline } from '../init/pipeline-draft.js';
import { pipelineYaml } from '../init/pipeline-yaml.js';
import { splitText } from '../init/split.js';
import { ask, oneOf } from '../init/questions.js';
import { likelyLimit, likelyTarget, likelyValue, type Target, targetColumns, targetName, targetOf, targetText } from '../init/target.js';
import type { Session } from '../session.js';
import { plural } from '../text/figures.js';
import { countsText, profileText } from './profile-text.js';
import { sourceOption } from './source-options.js';

/** What `millrace init` may be told. */
export interface InitOptions {
  readonly csv?: string;
  readonly name?: string;
  readonly target?: string;
  readonly above?: string;
  readonly value?: string;
  readonly time?: string;
  readonly out: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** Looks into a table and writes a pipeline file that applies; asks a person what the options leave open, and never writes over a file unless it is told to. */
export async function init(session: Session, options: InitOptions): Promise<void> {
  const { terminal, call } = session;
  const { yes = false } = options;
  const out = resolve(terminal.cwd, options.out);
  if (options.force !== true && (await isThere(out))) throw errors.FILE_EXISTS({ file: options.out });
  const csv = await ask(session, { text: 'Which file holds the rows (CSV, JSON lines or Parquet)?', given: options.csv, option: '--csv', read: readable(session) }, { yes });
  const name = await ask(session, { text: 'What shall the pipeline be called?', given: options.name, option: '--name', proposal: nameOf(csv), harmless: true, read: checkName }, { yes });

  const [ingestion, pipelines] = await Promise.all([session.connect(IngestionServiceDefinition), session.connect(PipelinesServiceDefinition)]);
  const source = sourceOption(session, csv, {});
  const inferred = await session.slowly(`reading ${csv}`, ingestion.inferContract({ source }, call));
  const seen = await session.slowly(`looking at ${csv}`, ingestion.inspectSource({ source, ...(inferred.contract ? { contract: inferred.contract } : {}) }, call));
  const whyOf = (column: string): string | undefined => inferred.remarks.find(({ place }) => place === `columns.${column}`)?.why;
  const times = seen.profile.filter(({ type }) => type === ColumnType.TIMESTAMP).map(({ column }) => column);
  const [time = ''] = times;
  if (options.time !== undefined && !times.includes(options.time) && seen.profile.some(({ column }) => column === options.time)) throw errors.TIME_UNFIT({ column: options.time, why: whyOf(options.time) ?? 'it holds no times' });
  if (time === '') throw errors.NO_TIME({ file: csv, near: nearTimes(seen.profile.map(({ column }) => ({ column, why: whyOf(column) }))) });
  if (!yes && !session.json && terminal.ask) session.remark(`\n${countsOf(seen)}\n\n${profileText(session, seen.profile, seen.counts?.kept ?? 0n)}`);

  const readTime = (answer: string): string => oneOf(answer, times, 'column of times');
  const eventTime = times.length === 1 && options.time === undefined ? time : await ask(session, { text: 'Which column says when a row was true?', given: options.time, option: '--time', proposal: inferred.contract?.eventTime ?? time, harmless: true, read: readTime }, { yes });
  const target = await askTarget(session, seen, options);
  const draft = draftPipeline(inferred, seen, { target, eventTime });
  const text = pipelineYaml(draft, { name, path: csv.startsWith('s3://') ? csv : relative(dirname(out), resolve(terminal.cwd, csv)) });
  await session.slowly('checking the file', pipelines.applyPipeline({ source: text, dryRun: true, basePath: dirname(out) }, call));
  await write(out, text, options);
  const gaps = (inferred.contract?.columns ?? []).filter(({ name: column, badCell }) => badCell === ColumnContract_BadCell.MISSING || whyOf(column)?.includes('begin with a zero') === true).map(({ name: column }) => ({ column, why: whyOf(column) ?? 'what cannot be read becomes missing' }));
  const twins = draft.contract.key.length === 0 ? (seen.counts?.duplicates ?? 0n) : 0n;
  session.answer(
    () => ({ file: out, pipeline: `pipelines/${name}`, target: targetName(target), eventTime, split: draft.split, left: draft.left, duplicates: String(twins), inferred: InferContractResponse.toJSON(inferred) }),
    () => `${session.styled('good', `${options.out} is written`)}: ${name} predicts ${targetText(target)}.\n${target.kind === 'above' && options.above === undefined ? session.styled('dim', '  models answer yes or no, and there is no regression: --above says another number\n') : ''}${session.styled('dim', `  ${splitText(draft.split)}\n`)}${draft.left.map(({ column, why }) => session.styled('dim', `  left out ${column}: ${why}\n`)).join('')}${gaps.map(({ column, why }) => session.styled('warn', `  look at ${column}: ${why}\n`)).join('')}${twins === 0n ? '' : session.styled('warn', `  ${twinsText(twins)}\n`)}Next: read it, then millrace apply ${options.out} and millrace run ${name}\n`,
  );
}

async function askTarget(session: Session, { profile }: InspectSourceResponse, { target: given, above, value, yes = false }: InitOptions): Promise<Target> {
  const likely = likelyTarget(profile);
  if (likely === undefined) throw errors.NO_INPUT({ why: 'no column holds numbers that differ, yes and no, or a few texts' });
  const columns = targetColumns(profile).map(({ column }) => column);
  const limit = above === undefined ? undefined : readNumber(above);
  const wish = { ...(limit === undefined ? {} : { above: limit }), ...(value === undefined ? {} : { value }) };
  const proposed = await ask(session, { text: `Which column shall be predicted (${columns.join(', ')})?`, given, option: '--target', proposal: likely, read: (answer) => targetOf(profile, answer, wish) }, { yes });
  const seen = profile.find(({ column }) => column === proposed.column);
  // A program that named a column of numbers may mean the number itself, which nothing here predicts.
  if (proposed.kind === 'above' && above === undefined && !yes && (session.json || !session.terminal.ask)) throw errors.NO_REGRESSION({ column: proposed.column, limit: String(proposed.above) });
  // A program that named another takes what is likely of it.
  if (!seen || yes || session.json || !session.terminal.ask || proposed.kind === 'flag') return proposed;
  if (proposed.kind === 'above') return above === undefined ? ask(session, { text: `Yes is above which number?`, given: undefined, option: '--above', proposal: String(likelyLimit(seen)), read: (answer) => targetOf(profile, proposed.column, { above: readNumber(answer) }) }, { yes }) : proposed;
  return value === undefined ? ask(session, { text: `Which of these is yes (${seen.top.map((each) => each.value).join(', ')})?`, given: undefined, option: '--value', proposal: likelyValue(seen), read: (answer) => targetOf(profile, proposed.column, { value: answer }) }, { yes }) : proposed;
}

function readNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw errors.WRONG_NUMBER({ text, option: '--above', wanted: 'a number' });
  return number;
}

/** Without a key rows that are equal count once: what repeats itself in life needs a column that tells it apart. */
const twinsText = (twins: bigint): string => `${plural(twins, 'row')} equal another one in every column and will be dropped; if they are things of their own, give the file a column that tells them apart.`;

/** Columns that would hold times but for some cells. */
const nearTimes = (columns: readonly { readonly column: string; readonly why: string | undefined }[]): string => columns.filter(({ why }) => why?.includes('would read as TIMESTAMP')).map(({ column, why }) => ` Nearest comes ${column}: ${why}.`).join('');

const countsOf = ({ counts }: InspectSourceResponse): string => (counts ? countsText(counts) : '');

/** A file that this person can read too: a slip of the pen is told before anything is asked. */
const readable = ({ terminal }: Session) => async (file: string): Promise<string> => {
  if (file === '') throw errors.NOT_SAID({ option: '--csv' });
  if (!file.startsWith('s3://') && !(await isThere(resolve(terminal.cwd, file)))) throw errors.FILE_UNREADABLE({ file, why: 'there is no such file' });
  return file;
};

const isThere = async (path: string): Promise<boolean> => access(path).then(() => true, () => false);

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

function checkName(name: string): string {
  if (!NAME.test(name)) throw errors.WRONG_USE({ why: `"${name}" is no name; write lower-case letters, digits and dashes, beginning with a letter, at most 63.` });
  return name;
}

/** A name from that of a file. */
function nameOf(file: string): string {
  const name = basename(file, extname(file)).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^[^a-z]+|-+$/g, '').slice(0, 63);
  return NAME.test(name) ? name : 'model';
}

/** Even between the look and the writing nobody's file is lost. */
async function write(out: string, text: string, { out: named, force = false }: InitOptions): Promise<void> {
  try {
    await writeFile(out, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw code === 'EEXIST' ? errors.FILE_EXISTS({ file: named }, { cause }) : errors.FILE_UNWRITABLE({ file: named, why: message }, { cause });
  }
}
