import type { DescMessage } from '@bufbuild/protobuf';
import type { Binding } from './binding.js';
import { FieldFault, within } from './json/field-fault.js';
import type { FieldJson, Message } from './json/field-json.js';
import type { MessageJson } from './json/message-json.js';
import { type PathVariable, variablesReader } from './path-template.js';

/** What of an HTTP request makes a message. */
export interface HttpParts {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

/** Puts request messages together from path, query and body, as the binding says; a fault anywhere is a FieldFault with its place. */
export class RequestReader {
  readonly #variables: readonly PathVariable[];
  readonly #texts: (params: HttpParts['params']) => readonly string[];

  constructor(
    private readonly json: MessageJson,
    private readonly binding: Binding,
  ) {
    this.#variables = binding.template.parts.filter((part) => typeof part !== 'string');
    this.#texts = variablesReader(binding.template);
  }

  /** The one message of a call. */
  read({ params, query, body }: HttpParts): Message {
    const message = this.#readBody(body);
    this.#fillPath(message, params);
    for (const [key, value] of Object.entries(query)) this.#fillQuery(message, key, value);
    return message;
  }

  /** The messages of a call that takes a stream: the body is a list of them, and the path holds for each. */
  readAll({ params, query, body }: HttpParts): readonly Message[] {
    for (const key of Object.keys(query)) this.#unknown(key);
    if (!Array.isArray(body)) throw new FieldFault('it must be a list of messages');
    return body.map((each: unknown, i) =>
      within(i, () => {
        const message = this.json.read(this.binding.rpc.input, each);
        this.#fillPath(message, params);
        return message;
      }),
    );
  }

  #readBody(body: unknown): Message {
    const { body: kind, rpc } = this.binding;
    // A call without anything to say may leave the body out.
    const { raw } = this.binding;
    if (raw) return { [this.#field(rpc.input, raw.request.name).slot]: body ?? new Uint8Array(0) };
    if (kind === '*') return body === undefined ? {} : this.json.read(rpc.input, body);
    if (kind === undefined) return {};
    const message: Message = {};
    const { slot, read } = this.#field(rpc.input, kind.name);
    message[slot] = within(kind.jsonName, () => read(body ?? {}, 0));
    return message;
  }

  #fillPath(message: Message, params: HttpParts['params']): void {
    const texts = this.#texts(params);
    for (let i = 0; i < texts.length; i++) this.#fill(message, this.#variables[i]?.field ?? [], texts[i] ?? '');
  }

  #fill(message: Message, field: readonly string[], text: string): void {
    try {
      const { target, leaf } = this.#walk(message, field);
      const before = target[leaf.slot];
      if (before !== undefined && before !== '' && before !== text) throw new FieldFault(`the path says "${text}", and the body "${String(before)}"`);
      leaf.readText(target, text);
    } catch (error) {
      throw error instanceof FieldFault ? error.within(field.join('.')) : error;
    }
  }

  #fillQuery(message: Message, key: string, value: string | readonly string[]): void {
    const { body, raw, rpc } = this.binding;
    const names = key.split('.');
    const first = this.json.field(rpc.input, names[0] ?? '');
    if (body === '*' || !first || first.desc === body || first.desc === raw?.request) return this.#unknown(key);
    within(key, () => {
      const { target, leaf } = this.#walk(message, names);
      if (this.#variables.some(({ field }) => field.length === 1 && leaf.desc === first.desc && field[0] === leaf.desc.name)) throw new FieldFault('it stands in the path');
      const texts = typeof value === 'string' ? [value] : value;
      if (texts.length > 1 && leaf.desc.fieldKind !== 'list') throw new FieldFault('it is given twice');
      for (const text of texts) leaf.readText(target, text);
    });
  }

  /** The message that holds the last of these names, made where there is none, and its field. */
  #walk(message: Message, names: readonly string[]): { readonly target: Message; readonly leaf: FieldJson } {
    let type = this.binding.rpc.input;
    let target = message;
    for (let i = 0; i < names.length - 1; i++) {
      const name = names[i] ?? '';
      const { child, desc } = this.#field(type, name);
      if (!child || !desc.message) throw new FieldFault(`${name} has no fields of its own`);
      target = child(target);
      type = desc.message;
    }
    return { target, leaf: this.#field(type, names.at(-1) ?? '') };
  }

  #field(type: DescMessage, name: string): FieldJson {
    const field = this.json.field(type, name);
    if (!field) throw new FieldFault(`${type.name} has no field ${name}`);
    return field;
  }

  #unknown(key: string): never {
    throw new FieldFault(this.binding.body === '*' ? 'this call takes no parameters; everything stands in the body' : `${this.binding.rpc.name} has no such parameter`, key);
  }
}
