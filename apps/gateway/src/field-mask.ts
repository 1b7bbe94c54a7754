import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Binding } from './binding.js';
import { FieldFault } from './json/field-fault.js';
import type { Message } from './json/field-json.js';
import type { HttpParts } from './request-reader.js';

/** The parameter by which a caller asks for parts of an answer: paths of a google.protobuf.FieldMask, as Google's system parameters name it. */
export const FIELDS = '$fields';
/** Paths in one mask. */
const MAX_PATHS = 100;

/** Whether the answers of a binding can be asked for in part: those of reads, as JSON. */
export const isMasked = ({ rpc, verb, raw }: Binding): boolean => verb === 'GET' && rpc.methodKind === 'unary' && raw === undefined;

/** What is kept of a message, by field; nothing within stands for all of it. */
interface Kept extends Map<string, Kept> {}

/** Takes the mask out of a query; gives what keeps of an answer only the fields that it names, lists and maps element by element. Throws FieldFault for a path that leads nowhere. */
export function takeMask(output: DescMessage, query: HttpParts['query']): { readonly query: HttpParts['query']; readonly keep: (answer: Message) => Message } {
  const { [FIELDS]: given, ...rest } = query;
  if (given === undefined) return { query, keep: (answer) => answer };
  const paths = (typeof given === 'string' ? [given] : given).flatMap((text) => text.split(','));
  if (paths.length > MAX_PATHS) throw new FieldFault(`it has ${paths.length} paths; at most ${MAX_PATHS} go into one mask`, FIELDS);
  const kept: Kept = new Map();
  for (const path of paths) add(kept, output, path);
  return { query: rest, keep: (answer) => pick(answer, kept) as Message };
}

function add(kept: Kept, output: DescMessage, path: string): void {
  let at = kept;
  let type: DescMessage | undefined = output;
  const names = path.split('.');
  for (let i = 0; i < names.length; i++) {
    const field: DescField | undefined = fieldOf(type, names[i] ?? '');
    if (!field) throw new FieldFault(type === undefined ? `"${path}" goes on behind a value that has no fields` : `${type.name} has no field "${names[i] ?? ''}"`, FIELDS);
    at = into(at, field.jsonName);
    type = field.message;
    if (field.fieldKind !== 'map') continue;
    // Behind a map its key is next, whatever it is.
    const key = names[i + 1];
    if (key === undefined) return;
    at = into(at, key);
    i++;
  }
}

const fieldOf = (type: DescMessage | undefined, name: string): DescField | undefined => (type?.typeName.startsWith('google.protobuf.') === true ? undefined : type?.fields.find((field) => field.name === name || field.jsonName === name));

/** What is kept below a name; made where there is nothing yet. */
function into(kept: Kept, name: string): Kept {
  const below = kept.get(name) ?? new Map();
  kept.set(name, below);
  return below;
}

function pick(value: unknown, kept: Kept): unknown {
  if (kept.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => pick(each, kept));
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => {
    const below = kept.get(name);
    return below ? [[name, pick(each, below)] as const] : [];
  }));
}
