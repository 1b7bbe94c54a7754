import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Binding } from '../binding.js';
import { FIELDS, isMasked } from '../field-mask.js';
import { pathOf, type PathVariable } from '../path-template.js';
import { headersOf } from '../preconditions.js';
import type { Comments } from './comments.js';
import type { Schema, Schemas } from './schemas.js';

/** A parameter as OpenAPI has it. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

/** One way to call an RPC, as OpenAPI has it. */
export interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
  readonly 'x-grpc-method': string;
}

/** What asks for parts of an answer. */
const MASK: Parameter = { name: FIELDS, in: 'query', description: 'Only these fields of the answer: names, with a dot between those within each other, and commas between paths.', schema: { type: 'string', maxLength: 2_000 } };

/** How deep messages of a query are taken apart. */
const QUERY_DEPTH = 2;

/** What an operation is called where an RPC has several. */
export const operationIdOf = ({ rpc }: Binding, index: number): string => `${rpc.parent.name}_${rpc.name}${index === 0 ? '' : `_${index + 1}`}`;

/** Describes a binding: its path, and its operation there. */
export function describe(binding: Binding, index: number, { schemas, comments }: { readonly schemas: Schemas; readonly comments: Comments }): { readonly path: string; readonly operation: Operation } {
  const { rpc, template, body, raw } = binding;
  const variables: Parameter[] = [];
  const path = pathOf(template, (before, variable) => {
    const name = nameOf(before, variable);
    variables.push({ name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } });
    return name;
  });
  const bound = template.parts.filter((part) => typeof part !== 'string').map(({ field }) => field.join('.'));
  const loose = rpc.input.fields.filter((field) => !bound.includes(field.name) && field !== raw?.request);
  const query = body === '*' ? [] : loose.filter((field) => field !== body).flatMap((field) => queryOf(field, '', schemas));
  const content = bodyOf(binding, loose, schemas);
  return {
    path,
    operation: {
      tags: [rpc.parent.name],
      operationId: operationIdOf(binding, index),
      summary: comments.of(rpc),
      parameters: [...variables, ...query, ...(isMasked(binding) ? [MASK] : []), ...headersOf(binding).map(({ name, description, pattern }): Parameter => ({ name, in: 'header', description, schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) } }))],
      ...(content === undefined ? {} : { requestBody: { required: body !== '*', content: { 'application/json': { schema: content } } } }),
      responses: responsesOf(binding, schemas),
      'x-grpc-method': `${rpc.parent.typeName}/${rpc.name}`,
    },
  };
}

/** A wildcard is called by the collection before it: models/* is the model. */
function nameOf(before: string, { field }: PathVariable): string {
  if (!/^[A-Za-z]+s$/.test(before)) return field.at(-1) ?? '';
  return before.endsWith('ies') ? `${before.slice(0, -3)}y` : before.replace(before.endsWith('ses') ? /es$/ : /s$/, '');
}

function queryOf(field: DescField, before: string, schemas: Schemas): readonly Parameter[] {
  const name = `${before}${field.jsonName}`;
  if (field.fieldKind === 'map' || (field.fieldKind === 'list' && isNested(field.message))) return [];
  if (field.fieldKind === 'message' && isNested(field.message)) {
    return name.split('.').length > QUERY_DEPTH ? [] : field.message.fields.flatMap((inner) => queryOf(inner, `${name}.`, schemas));
  }
  const { description, ...schema } = schemas.field(field);
  return [{ name, in: 'query', ...(typeof description === 'string' ? { description } : {}), schema }];
}

const isNested = (message: DescMessage | undefined): boolean => message !== undefined && !message.typeName.startsWith('google.protobuf.');

function bodyOf({ rpc, body, raw }: Binding, loose: readonly DescField[], schemas: Schemas): Schema | undefined {
  if (raw) return { description: 'JSON as the call says.' };
  if (body === undefined) return undefined;
  const schema = body === '*' ? schemas.object(rpc.input, loose) : schemas.message(body.message);
  return rpc.methodKind === 'client_streaming' || rpc.methodKind === 'bidi_streaming' ? { type: 'array', items: schema } : schema;
}

function responsesOf({ rpc, verb, raw }: Binding, schemas: Schemas): Operation['responses'] {
  const schema = raw ? {} : schemas.message(rpc.output);
  const failure = { default: { $ref: '#/components/responses/Failure' } };
  if (rpc.methodKind === 'server_streaming' || rpc.methodKind === 'bidi_streaming') {
    return { 200: { description: 'Server-sent events: one for each message, with an id; `end` when all is said, `failure` when it broke.', content: { 'text/event-stream': { schema: eventOf(schema) } } }, 204: { description: 'Last-Event-ID was that of the end: there is nothing more.' }, ...failure };
  }
  const tagged = rpc.output.fields.some(({ name }) => name === 'etag');
  const headers = tagged ? { headers: { ETag: { description: 'For If-Match of the next change.', schema: { type: 'string' } } } } : {};
  const unchanged = tagged && verb === 'GET' ? { 304: { description: 'It is as If-None-Match has it.' } } : {};
  return { 200: { description: rpc.output.name, ...headers, content: { 'application/json': { schema } } }, ...unchanged, ...failure };
}

/** One event, as its reader has it; that of `end` and of `failure` holds something else. */
const eventOf = (message: Schema): Schema => ({
  type: 'object',
  required: ['data'],
  properties: { id: { type: 'string' }, event: { type: 'string' }, data: { type: 'string', contentMediaType: 'application/json', contentSchema: message } },
});
