import { type DescField, type DescMessage, type DescMethod, type FileRegistry, getOption, hasOption, ScalarType, toBinary } from '@bufbuild/protobuf';
import { HttpRule } from '@millrace/contracts/google/api/http';
import { errors } from './errors.js';
import { parseTemplate, type PathTemplate } from './path-template.js';

export type Verb = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

/** One way in which an RPC is reached over HTTP, as its annotation says. */
export interface Binding {
  readonly rpc: DescMethod;
  readonly verb: Verb;
  readonly template: PathTemplate;
  /** What the body is: nothing, the whole request, or one message of it. */
  readonly body: undefined | '*' | (DescField & { readonly fieldKind: 'message' });
  /** The bytes of the request that the body is as it comes, and those of the answer that are sent as they are; undefined where both are messages as JSON. */
  readonly raw: Raw | undefined;
}

/** Where bodies stand that nobody looks into. */
export interface Raw {
  readonly request: DescField;
  readonly response: DescField;
}

/** The bindings of every RPC of a service that has an annotation; ANNOTATION_INVALID for one that cannot be served. */
export function bindingsOf(registry: FileRegistry, service: string): readonly Binding[] {
  const http = registry.getExtension('google.api.http');
  const found = registry.getService(service);
  if (!http || !found) throw errors.ANNOTATION_INVALID({ method: service, why: 'the descriptors do not have it' });
  return found.methods.flatMap((rpc) => {
    if (!hasOption(rpc, http)) return [];
    const rule = HttpRule.decode(toBinary(http.message as DescMessage, getOption(rpc, http) as never));
    return [rule, ...rule.additionalBindings].map((each) => bindingOf(rpc, each));
  });
}

function bindingOf(rpc: DescMethod, { pattern, body, responseBody }: HttpRule): Binding {
  const refuse = (why: string): never => {
    throw errors.ANNOTATION_INVALID({ method: `${rpc.parent.typeName}/${rpc.name}`, why });
  };
  if (!pattern || pattern.$case === 'custom') return refuse('it has none of get, put, post, delete and patch');
  const raw = rawOf(rpc, body, responseBody);
  if (responseBody !== '' && !raw) return refuse('response_body is known only with a body, where both are bytes');
  const template = ((): PathTemplate => {
    try {
      return parseTemplate(pattern.value);
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  })();
  for (const part of template.parts) if (typeof part !== 'string' && textFieldAt(rpc.input, part.field) === undefined) return refuse(`its path fills ${part.field.join('.')}, which is no text of ${rpc.input.name}`);
  const verb = VERBS[pattern.$case];
  if (raw) return { rpc, verb, template, body: undefined, raw };
  if (body === '' || body === '*') return { rpc, verb, template, body: body === '' ? undefined : body, raw };
  const field = rpc.input.fields.find(({ name }) => name === body);
  if (field?.fieldKind !== 'message') return refuse(`its body is ${body}, which is no message of ${rpc.input.name}`);
  return { rpc, verb, template, body: field, raw };
}

function rawOf({ input, output }: DescMethod, body: string, responseBody: string): Raw | undefined {
  const bytesIn = ({ fields }: DescMessage, field: string): DescField | undefined => fields.find(({ name, fieldKind, scalar }) => name === field && fieldKind === 'scalar' && scalar === ScalarType.BYTES);
  const [request, response] = [bytesIn(input, body), bytesIn(output, responseBody)];
  return request && response && { request, response };
}

const VERBS = { get: 'GET', put: 'PUT', post: 'POST', delete: 'DELETE', patch: 'PATCH' } as const;

/** The singular field of text at a path of names; undefined where there is none. */
export function textFieldAt(type: DescMessage, [name, ...rest]: readonly string[]): DescField | undefined {
  const field = type.fields.find((each) => each.name === name);
  if (rest.length === 0) return field?.fieldKind === 'scalar' ? field : undefined;
  return field?.fieldKind === 'message' ? textFieldAt(field.message, rest) : undefined;
}
