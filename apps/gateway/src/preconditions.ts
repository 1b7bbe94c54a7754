import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Binding } from './binding.js';
import { errors } from './errors.js';
import { FieldFault } from './json/field-fault.js';
import type { Message } from './json/field-json.js';

type Header = string | readonly string[] | undefined;

/** What stands between quotes in If-Match; undefined for *, which any state of a resource fits. */
export function etagOf(header: string): string | undefined {
  const [, etag] = /^"([\x21\x23-\x7e]+)"$/.exec(header) ?? [];
  if (etag === undefined && header !== '*') throw errors.ETAG_INVALID({ given: header });
  return etag;
}

/** An etag as a header has it; undefined for one that a header cannot hold. */
export const etagHeader = (etag: unknown): string | undefined => (typeof etag === 'string' && /^[\x21\x23-\x7e]+$/.test(etag) ? `"${etag}"` : undefined);

/** Puts If-Match and Idempotency-Key where the request of an RPC has a field for them: `etag`, its own or that of the resource that it applies, and `request_id`. */
export class Preconditions {
  readonly #hasEtag: boolean;
  /** Where a request holds the resource that it applies, whose etag says what it was made from. */
  readonly #applied: string | undefined;
  readonly #hasRequestId: boolean;

  constructor(private readonly binding: Binding) {
    this.#hasEtag = hasText(binding.rpc.input, 'etag');
    this.#applied = appliedField(binding)?.localName;
    this.#hasRequestId = hasText(binding.rpc.input, 'request_id');
  }

  /**
   * True when the call stands under an etag of a header, so that 412 says that it does not hold. An RPC that takes no etag refuses the header:
   * who sends it would lose an update and not know. A key for one that takes none changes nothing: such an RPC may be repeated anyway.
   */
  apply(message: Message, ifMatch: Header, key: Header): boolean {
    if (key !== undefined && this.#hasRequestId) fill(message, 'requestId', { text: unquoted(String(key)), header: 'Idempotency-Key' });
    if (ifMatch === undefined || this.binding.verb === 'GET') return false;
    const target = this.#hasEtag ? message : this.#applied === undefined ? undefined : (message[this.#applied] as Message | undefined);
    if (!target) throw errors.ETAG_UNSUPPORTED({ method: this.binding.rpc.name });
    const etag = etagOf(String(ifMatch));
    if (etag !== undefined) fill(target, 'etag', { text: etag, header: 'If-Match' });
    return etag !== undefined;
  }
}

/** A header that a call takes, as its description names it. */
export interface KnownHeader {
  readonly name: string;
  readonly description: string;
  readonly pattern?: string;
}

/** The headers that a binding knows. */
export function headersOf(binding: Binding): readonly KnownHeader[] {
  const { rpc, verb } = binding;
  const streams = rpc.methodKind === 'server_streaming' || rpc.methodKind === 'bidi_streaming';
  return [
    ...(verb !== 'GET' && (hasText(rpc.input, 'etag') || appliedField(binding)) ? [{ name: 'If-Match', description: 'The etag that must still hold.', pattern: '^("[!#-~]+"|\\*)$' }] : []),
    ...(verb === 'GET' && hasText(rpc.output, 'etag') && !streams ? [{ name: 'If-None-Match', description: 'The etag that is known already.' }] : []),
    ...(hasText(rpc.input, 'request_id') ? [{ name: 'Idempotency-Key', description: 'With it the call may be repeated: it is done once.', pattern: '^[!#-~]+$' }] : []),
    ...(streams ? [{ name: 'Last-Event-ID', description: 'The id of the last event that was read.' }] : []),
    { name: 'X-Server-Timeout', description: 'Seconds that the call may take, up to 600.', pattern: '^[1-9]\\d{0,2}(\\.\\d{1,3})?$' },
  ];
}

/** The resource that an Apply puts in its place, where it has an etag; what is created has none yet. */
const appliedField = ({ verb, body }: Binding): DescField | undefined => (verb === 'PUT' && body !== '*' && body?.message && hasText(body.message, 'etag') ? body : undefined);

const hasText = ({ fields }: DescMessage, name: string): boolean => fields.some((field) => field.name === name && field.fieldKind === 'scalar');

/** Of the draft of the header a key stands between quotes; most callers leave them out. */
const unquoted = (key: string): string => /^"(.*)"$/.exec(key)?.[1] ?? key;

function fill(message: Message, name: string, { text, header }: { readonly text: string; readonly header: string }): void {
  if (text === '') throw new FieldFault('it is empty', header);
  const before = message[name] ?? '';
  if (before !== '' && before !== text) throw new FieldFault(`it is "${text}", and ${name} is "${String(before)}"; give one of them`, header);
  message[name] = text;
}
