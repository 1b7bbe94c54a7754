import type { DescMessage, DescMethod } from '@bufbuild/protobuf';
import type { Message } from './json/field-json.js';

/** How a stream goes on where its reader was cut off. */
export interface Resuming {
  /** The digits that say where a message, as JSON, stands. */
  readonly mark: (message: unknown) => string;
  /** Has the request begin behind that. */
  readonly apply: (request: Message, mark: string) => void;
}

/**
 * By the fields that a contract has for it: `after` takes the `position` of a message, `changed_since` the `update_time`. A stream without either tells of one resource, and
 * needs no more than what it is now.
 */
export function resumingOf({ input, output }: DescMethod): Resuming | undefined {
  if (has(input, 'after') && has(output, 'position')) return { mark: (message) => String((message as Message)['position']), apply: (request, mark) => void (request['after'] = mark) };
  if (has(input, 'changed_since') && has(output, 'update_time')) {
    return { mark: (message) => String(Date.parse(String((message as Message)['updateTime']))), apply: (request, mark) => void (request['changedSince'] = new Date(Number(mark))) };
  }
  return undefined;
}

const has = ({ fields }: DescMessage, name: string): boolean => fields.some((field) => field.name === name);
