import type { FileRegistry } from '@bufbuild/protobuf';
import type { Binding } from '../binding.js';
import { Comments } from './comments.js';
import { describe, type Operation } from './operation.js';
import { type Schema, Schemas } from './schemas.js';

/** An OpenAPI 3.1 document. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: Schema;
  readonly servers: readonly Schema[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly responses: Readonly<Record<string, Schema>> };
}

const ABOUT = `Every RPC of the contracts over HTTP. Paths are resource names, JSON is that of proto3: int64 is a text, and what has its default is left out.

Lists have pages: \`pageSize\`, and \`pageToken\` from the \`nextPageToken\` of the page before. \`$fields\` keeps of an answer what it names, such as \`models.name,nextPageToken\`. An \`ETag\` goes back as \`If-Match\`; where it does not hold any more the answer is 412.
A call with an \`Idempotency-Key\` may be repeated: it is done once. \`X-Server-Timeout\` says how many seconds a call may take. Errors are \`google.rpc.Status\` with a reason; \`Retry-After\` stands where asking again makes sense.`;

const FAILURE: Schema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'status', 'message', 'details'],
      properties: {
        code: { type: 'integer', description: 'The HTTP status.' },
        status: { type: 'string', description: 'What to do about it: a code of gRPC, such as NOT_FOUND.' },
        message: { type: 'string' },
        details: { type: 'array', items: { type: 'object', properties: { '@type': { type: 'string' }, domain: { type: 'string' }, reason: { type: 'string' }, metadata: { type: 'object', additionalProperties: { type: 'string' } } } } },
      },
    },
  },
};

/** Describes all bindings, in their order. */
export function openApi(registry: FileRegistry, bindings: readonly Binding[], version: string): OpenApi {
  const comments = new Comments();
  const schemas = new Schemas(comments);
  const paths: Record<string, Record<string, Operation>> = {};
  const seen = new Map<string, number>();
  for (const binding of bindings) {
    const rpc = `${binding.rpc.parent.typeName}/${binding.rpc.name}`;
    const index = seen.get(rpc) ?? 0;
    seen.set(rpc, index + 1);
    const { path, operation } = describe(binding, index, { schemas, comments });
    (paths[path] ??= {})[binding.verb.toLowerCase()] = operation;
  }
  const services = [...new Set(bindings.map(({ rpc }) => rpc.parent.typeName))].flatMap((name) => registry.getService(name) ?? []);
  return {
    openapi: '3.1.0',
    info: { title: 'Millrace', version, description: ABOUT, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: services.map((service) => ({ name: service.name, description: comments.of(service) })),
    paths,
    components: {
      schemas: { ...schemas.all, Failure: FAILURE },
      responses: { Failure: { description: 'It was refused, or it failed.', headers: { 'Retry-After': { description: 'Seconds after which asking again makes sense.', schema: { type: 'string' } } }, content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } } } },
    },
  };
}
