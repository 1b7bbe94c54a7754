import { type DeadLetter as DeadLetterMessage, DeadLetter_State as State } from '@millrace/contracts/millrace/events/v1/dead_letter';
import type { DeadLetterServiceDefinition, GetDeadLetterRequest, ListDeadLettersRequest, RetryDeadLetterRequest, RetryDeadLettersRequest } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import { AppError, parseFilter, parsePage, toPage } from '@millrace/core';
import { type DeadLetter, type DeadLetters, payloadJson } from '@millrace/events';
import type { Handlers } from '@millrace/rpc';
import type { Logger } from 'pino';
import { errors } from './errors.js';

const COLLECTION = 'deadLetters/';
const NO_BYTES = new Uint8Array(0);
/** The words of a filter's state. */
const STATES: Readonly<Record<string, boolean>> = { WAITING: false, RETRIED: true };

/** Serves the dead letters of all groups on the bus. Who hands one over again is told in the log, and by the record that does it. */
export class DeadLetterHandlers implements Handlers<typeof DeadLetterServiceDefinition> {
  constructor(
    private readonly letters: DeadLetters,
    private readonly options: { readonly log: Logger; readonly clock: () => Date },
  ) {}

  async getDeadLetter({ name }: GetDeadLetterRequest): Promise<DeadLetterMessage> {
    return toWholeMessage(await this.letters.get(idOf(name)));
  }

  async listDeadLetters(request: ListDeadLettersRequest) {
    const page = parsePage(request, 'ListDeadLetters');
    const { topic, group, event_type: type, state } = parseFilter(request.filter, ['topic', 'group', 'event_type', 'state']);
    const retried = state === undefined ? undefined : STATES[state];
    if (state !== undefined && retried === undefined) throw errors.DEAD_LETTER_STATE_UNKNOWN({ state, states: Object.keys(STATES).join(', ') });
    const found = await this.letters.list({ topic, group, type, retried });
    const after = page.after;
    const { rows, nextPageToken } = toPage(after === undefined ? found : found.filter((letter) => keyOf(letter) < after), page, keyOf);
    return { deadLetters: rows.map(toMessage), nextPageToken };
  }

  async retryDeadLetter({ name }: RetryDeadLetterRequest): Promise<DeadLetterMessage> {
    const letter = await this.letters.retry(idOf(name), this.options.clock());
    this.options.log.info({ letter: letter.id, group: letter.group, event: letter.headers['ce_id'] }, 'a dead letter is handed to its group again');
    return toWholeMessage(letter);
  }

  async retryDeadLetters({ filter }: RetryDeadLettersRequest) {
    const { topic, group, event_type: type } = parseFilter(filter, ['topic', 'group', 'event_type']);
    const retried = await this.letters.retryAll({ topic, group, type }, this.options.clock());
    this.options.log.info({ topic, group, type, letters: retried }, 'dead letters are handed to their groups again');
    return { retried };
  }
}

const idOf = (name: string): string => (name.startsWith(COLLECTION) ? name.slice(COLLECTION.length) : name);

/** Sorts as the list does: by time, then by place. */
const keyOf = ({ time, id }: DeadLetter): string => `${time.toISOString()} ${id}`;

const toMessage = ({ id, topic, partition, offset, group, key, headers, attempts, retries, cause, time, retryTime }: DeadLetter): DeadLetterMessage => ({
  name: COLLECTION + id,
  topic,
  group,
  eventId: headers['ce_id'] ?? '',
  eventType: headers['ce_type'] ?? '',
  key,
  partition,
  offset,
  attempts,
  retries,
  cause,
  createTime: time,
  state: retryTime ? State.RETRIED : State.WAITING,
  retryTime,
  headers: {},
  payload: NO_BYTES,
  payloadJson: '',
  payloadFault: '',
});

function toWholeMessage(letter: DeadLetter): DeadLetterMessage {
  return { ...toMessage(letter), headers: letter.headers, payload: letter.value, ...readPayload(letter) };
}

/** That a payload cannot be read may be the very reason why the letter is there. */
function readPayload({ topic, key, headers, value }: DeadLetter): { readonly payloadJson: string; readonly payloadFault: string } {
  try {
    return { payloadJson: JSON.stringify(payloadJson({ topic, key, headers, value })), payloadFault: '' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { payloadJson: '', payloadFault: error.message };
  }
}
