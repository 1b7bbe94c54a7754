import { DeadLetter } from '@millrace/contracts/millrace/events/v1/dead_letter';
import { DeadLetterServiceDefinition } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { fullName, lastPart, shortName } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { stateCell, word } from '../text/state-word.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { showTime } from '../text/times.js';
import { oneLine } from '../text/width.js';
import { limitOption, moreLine } from './limit.js';

/** Which letters `millrace events dlq` means. */
export interface DeadLetterOptions {
  readonly topic?: string;
  readonly group?: string;
  readonly type?: string;
}

/** What `millrace events dlq list` may be told beside that. */
export interface DeadLetterListOptions extends DeadLetterOptions {
  readonly state?: string;
  readonly limit: string;
}

/** What `millrace events dlq retry` may be told beside that. */
export interface DeadLetterRetryOptions extends DeadLetterOptions {
  readonly all?: boolean;
}

const COLUMNS: readonly TableColumn[] = [{ title: 'LETTER' }, { title: 'EVENT' }, { title: 'GROUP' }, { title: 'STATE' }, { title: 'RETRIES', align: 'right' }, { title: 'GIVEN UP (UTC)' }, { title: 'KEY' }, { title: 'CAUSE' }];

const row = ({ name, eventType, group, state, retries, createTime, key, cause }: DeadLetter): readonly TableCell[] => [shortName(name), lastWord(eventType), group, stateCell(state), String(retries), showTime(createTime), key, cause?.message ?? ''];

/** Dead letters, newest first. */
export async function listDeadLetters(session: Session, { state, limit: text, ...which }: DeadLetterListOptions): Promise<void> {
  const limit = limitOption(text);
  const filter = filterOf({ ...which, ...(state === undefined ? {} : { state: state.toUpperCase() }) });
  const letters = await session.connect(DeadLetterServiceDefinition, PipelinesServiceDefinition);
  const { rows, more } = await session.slowly(
    'reading the dead letters',
    readPages(limit, async (part) => {
      const { deadLetters, nextPageToken } = await letters.listDeadLetters({ ...part, filter }, session.call);
      return { rows: deadLetters, nextPageToken };
    }),
  );
  session.answer(
    () => ({ deadLetters: rows.map((letter) => DeadLetter.toJSON(letter)) }),
    () => (rows.length === 0 ? `There is no dead letter${filter === '' ? '' : ' of this kind'}.\n` : session.table(COLUMNS, rows.map(row)) + moreLine(more, limit)),
  );
}

/** One letter: why the group gave up, the headers, the payload. */
export async function showDeadLetter(session: Session, name: string): Promise<void> {
  const letters = await session.connect(DeadLetterServiceDefinition, PipelinesServiceDefinition);
  tell(session, await letters.getDeadLetter({ name: fullName('deadLetters', name) }, session.call));
}

/** Hands one letter, or all that wait, to the group that failed once more. */
export async function retryDeadLetters(session: Session, name: string | undefined, { all = false, ...which }: DeadLetterRetryOptions): Promise<void> {
  const filter = filterOf(which);
  if ((name === undefined) !== all) throw errors.WRONG_USE({ why: 'Give one letter, as `millrace events dlq list` shows it, or --all for every one that waits.' });
  if (name !== undefined && filter !== '') throw errors.WRONG_USE({ why: '--topic, --group and --type go with --all; one letter needs none of them.' });
  const letters = await session.connect(DeadLetterServiceDefinition, PipelinesServiceDefinition);
  if (name !== undefined) return tell(session, await letters.retryDeadLetter({ name: fullName('deadLetters', name) }, session.call));
  const { retried } = await session.slowly('handing them over', letters.retryDeadLetters({ filter }, session.call));
  session.answer(() => ({ retried }), () => `${retried} dead letter${retried === 1 ? ' is' : 's are'} handed over again. What fails again comes back as a new letter.\n`);
}

function tell(session: Session, letter: DeadLetter): void {
  session.answer(() => ({ ...(DeadLetter.toJSON(letter) as object), payloadJson: parsed(letter) }), () => textOf(session, letter));
}

/** Programs get the payload as the document that it is. */
const parsed = ({ payloadJson }: DeadLetter): unknown => (payloadJson === '' ? undefined : (JSON.parse(payloadJson) as unknown));

function textOf(session: Session, letter: DeadLetter): string {
  const { name, group, topic, partition, offset, key, state, retryTime, attempts, retries, createTime, cause, headers, payload, payloadFault } = letter;
  const facts: readonly (readonly TableCell[])[] = [
    ['state', state === 'STATE_RETRIED' ? `${word(state)} at ${showTime(retryTime)}` : word(state)],
    ['group', group],
    ['event', `${topic}, partition ${partition}, offset ${offset}, key ${key}`],
    ['given up', `${showTime(createTime)} after ${attempts} ${attempts === 1 ? 'try' : 'tries'}${retries === 0 ? '' : `, handed over again ${retries === 1 ? 'once' : `${retries} times`} before`}`],
  ];
  const table = (rows: readonly (readonly TableCell[])[]): string => session.table([{ title: '' }, { title: '' }], rows, '  ').split('\n').slice(1).join('\n');
  return [
    `Dead letter ${session.styled('bold', shortName(name))}\n`,
    table(facts),
    session.title('Cause'),
    `  ${cause?.code} ${cause?.reason}: ${oneLine(cause?.message ?? '')}\n`,
    session.title('Headers'),
    table(Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    session.title('Payload'),
    payloadFault === '' ? `${JSON.stringify(parsed(letter), undefined, 2)}\n` : `  ${payload.length} bytes. ${oneLine(payloadFault)}\n`,
  ].join('');
}

function filterOf({ topic, group, type, state }: DeadLetterOptions & { readonly state?: string }): string {
  const terms = { topic, group, event_type: type, state };
  return Object.entries(terms).flatMap(([field, value]) => (value === undefined ? [] : [`${field}=${value}`])).join(' AND ');
}

/** `millrace.registry.v1.ModelAliasMoved` → `ModelAliasMoved`. */
const lastWord = (type: string): string => lastPart(type.replaceAll('.', '/'));
