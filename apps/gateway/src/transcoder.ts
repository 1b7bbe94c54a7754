import { AppError } from '@millrace/core';
import { type CallOptions, type Definition, type Method, withTraceparent } from '@millrace/rpc';
import { sendError } from '@millrace/service';
import { SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Binding } from './binding.js';
import { errors } from './errors.js';
import { type EventStreams, markOf } from './event-streams.js';
import { isMasked, takeMask } from './field-mask.js';
import { FieldFault } from './json/field-fault.js';
import type { Message } from './json/field-json.js';
import type { MessageJson } from './json/message-json.js';
import { pathOf, routeOf } from './path-template.js';
import { etagHeader, Preconditions } from './preconditions.js';
import { type HttpParts, RequestReader } from './request-reader.js';
import { resumingOf } from './resuming.js';
import { timeoutMs } from './timeout.js';
import { toForeign } from './to-foreign.js';

/** The methods of a service by their keys, as a client has them. */
export type Methods = Readonly<Record<string, (input: unknown, options: CallOptions) => unknown>>;

/** What every route is made with. */
export interface TranscoderParts {
  readonly json: MessageJson;
  readonly streams: EventStreams;
}

/** Answers HTTP requests by RPCs: one piece of code for all of them, driven by their annotations. */
export class Transcoder {
  constructor(private readonly parts: TranscoderParts) {}

  /** Adds the route of a binding, which calls the method of `client`. */
  add(http: FastifyInstance, binding: Binding, { definition, client }: { readonly definition: Definition; readonly client: Methods }): void {
    const { rpc, verb, template } = binding;
    const [key, method] = Object.entries(definition.methods).find(([, { name }]) => name === rpc.name) ?? [];
    const call = key === undefined ? undefined : client[key];
    if (!method || !call) throw errors.ANNOTATION_INVALID({ method: `${definition.fullName}/${rpc.name}`, why: 'the generated code does not have it; run the set-up' });
    const route = { binding, call, reader: new RequestReader(this.parts.json, binding) };
    const answer = method.responseStream ? this.#streaming(route, method) : this.#single(route, method);
    const span = `${verb} ${pathOf(template, () => '').replaceAll('{}', '*')}`;
    http.route({
      method: verb,
      url: routeOf(template),
      exposeHeadRoute: !method.responseStream && verb === 'GET',
      handler: (request, reply) => withTraceparent(traceparentOf(request), span, () => answer(request, reply), SpanKind.SERVER),
    });
  }

  #single({ binding, call, reader }: Route, { requestStream }: Method): Answer {
    const { rpc, verb, raw } = binding;
    const preconditions = new Preconditions(binding);
    const { json } = this.parts;
    const masked = isMasked(binding);
    return async (request, reply) => {
      const { headers } = request;
      const deadlineMs = timeoutMs(headers['x-server-timeout']);
      let underEtag = false;
      let keep = (message: Message): Message => message;
      const input = reading(() => {
        let parts = partsOf(request);
        if (masked) {
          const mask = takeMask(rpc.output, parts.query);
          parts = { ...parts, query: mask.query };
          ({ keep } = mask);
        }
        if (requestStream) {
          preconditions.apply({}, headers['if-match'], undefined);
          return reader.readAll(parts);
        }
        const message = reader.read(parts);
        underEtag = preconditions.apply(message, headers['if-match'], headers['idempotency-key']);
        return message;
      });
      const gone = new AbortController();
      const leave = (): void => gone.abort();
      reply.raw.once('close', leave);
      try {
        const message = (await call(input, { deadlineMs, signal: gone.signal, metadata: metadataOf(request) })) as Message;
        const etag = etagHeader(message['etag']);
        if (etag !== undefined) {
          void reply.header('etag', etag);
          if (verb === 'GET' && headers['if-none-match'] === etag) return await reply.code(304).send();
        }
        if (!raw) return keep(json.write(rpc.output, message));
        return await reply.type('application/json; charset=utf-8').send(Buffer.from(message[json.field(rpc.output, raw.response.name)?.slot ?? ''] as Uint8Array).toString());
      } catch (error) {
        // What the caller knew by its header is not so any more (RFC 9110, 13.1.1); an etag in the body stays a conflict.
        if (underEtag && error instanceof AppError && error.code === 'ABORTED') return await sendError(reply, error, 412);
        throw toForeign(error, rpc);
      } finally {
        reply.raw.off('close', leave);
      }
    };
  }

  #streaming({ binding, call, reader }: Route, { requestStream }: Method): Answer {
    const { json, streams } = this.parts;
    const { rpc } = binding;
    const resuming = requestStream ? undefined : resumingOf(rpc);
    return async (request, reply) => {
      const { headers } = request;
      const deadlineMs = headers['x-server-timeout'] === undefined ? undefined : timeoutMs(headers['x-server-timeout']);
      const input = reading(() => (requestStream ? reader.readAll(partsOf(request)) : reader.read(partsOf(request))));
      const lastEventId = typeof headers['last-event-id'] === 'string' ? headers['last-event-id'] : undefined;
      const mark = lastEventId === undefined ? undefined : markOf(lastEventId);
      if (mark !== undefined) resuming?.apply(input as Message, mark);
      await streams.send(reply, {
        lastEventId,
        mark: resuming?.mark,
        // Who watches is told what is, now and then once more; who asked several things gets as many answers.
        distinct: !requestStream,
        messages: async function* (signal) {
          const messages = call(input, { signal, metadata: metadataOf(request), ...(deadlineMs === undefined ? {} : { deadlineMs }) }) as AsyncIterable<Message>;
          try {
            for await (const message of messages) yield json.write(rpc.output, message);
          } catch (error) {
            throw toForeign(error, rpc);
          }
        },
      });
      return reply;
    };
  }
}

interface Route {
  readonly binding: Binding;
  readonly call: (input: unknown, options: CallOptions) => unknown;
  readonly reader: RequestReader;
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

const partsOf = ({ params, query, body }: FastifyRequest): HttpParts => ({ params: params as HttpParts['params'], query: query as HttpParts['query'], body });

/** Turns a fault of the request into the error that names the field. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error;
    throw error.place === '' ? errors.BODY_INVALID({ why: error.why }) : errors.FIELD_INVALID({ field: error.place, why: error.why });
  }
}

function traceparentOf({ headers }: FastifyRequest): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' ? traceparent : undefined;
}

/** Who calls is for the services to know. */
const metadataOf = ({ headers: { authorization } }: FastifyRequest): Readonly<Record<string, string>> => (authorization === undefined ? {} : { authorization });
