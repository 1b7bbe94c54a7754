import type { ServiceDefinition as GrpcServiceDefinition } from '@grpc/grpc-js';

/** A codec as ts-proto generates it; messages go in as whatever the codec's own type says. */
export interface MessageType {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromPartial(partial: never): unknown;
}

/** One RPC as ts-proto generates it. */
export interface Method {
  readonly name: string;
  readonly requestType: MessageType;
  readonly requestStream: boolean;
  readonly responseType: MessageType;
  readonly responseStream: boolean;
}

/** A service as ts-proto generates it: no framework, only names and codecs. */
export interface Definition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: Readonly<Record<string, Method>>;
}

export type RequestOf<M extends Method> = ReturnType<M['requestType']['decode']>;
export type ResponseOf<M extends Method> = ReturnType<M['responseType']['decode']>;
/** What a caller may leave out of a request is filled with defaults. */
export type PartialRequestOf<M extends Method> = Parameters<M['requestType']['fromPartial']>[0];

/** What a handler knows of the call that it serves. */
export interface Call {
  /** Aborts when the caller has gone or the deadline has passed. */
  readonly signal: AbortSignal;
  readonly deadline: Date;
  /** Text metadata; binary entries are left out. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a caller may add to a call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

type Streams<Req extends boolean, Res extends boolean> = { readonly requestStream: Req; readonly responseStream: Res };

type Handler<M extends Method> =
  M extends Streams<false, false> ? (request: RequestOf<M>, call: Call) => Promise<ResponseOf<M>>
  : M extends Streams<false, true> ? (request: RequestOf<M>, call: Call) => AsyncIterable<ResponseOf<M>>
  : M extends Streams<true, false> ? (requests: AsyncIterable<RequestOf<M>>, call: Call) => Promise<ResponseOf<M>>
  : (requests: AsyncIterable<RequestOf<M>>, call: Call) => AsyncIterable<ResponseOf<M>>;

type Caller<M extends Method> =
  M extends Streams<false, false> ? (request: PartialRequestOf<M>, options?: CallOptions) => Promise<ResponseOf<M>>
  : M extends Streams<false, true> ? (request: PartialRequestOf<M>, options?: CallOptions) => AsyncIterable<ResponseOf<M>>
  : M extends Streams<true, false> ? (requests: AsyncIterable<PartialRequestOf<M>> | Iterable<PartialRequestOf<M>>, options?: CallOptions) => Promise<ResponseOf<M>>
  : (requests: AsyncIterable<PartialRequestOf<M>> | Iterable<PartialRequestOf<M>>, options?: CallOptions) => AsyncIterable<ResponseOf<M>>;

/**
 * What a controller must implement: one method per RPC, no fewer and no others' shapes.
 * A caller that cancels an upload over HTTP/2 ends it first: before a handler does with an upload what cannot be taken back, the upload should say that it is whole.
 */
export type Handlers<D extends Definition> = { [M in keyof D['methods']]: Handler<D['methods'][M]> };

/** The same methods on the caller's side. */
export type Client<D extends Definition> = { readonly [M in keyof D['methods']]: Caller<D['methods'][M]> };

/** The generated definition in the form that grpc-js serves and calls. */
export function toGrpc({ fullName, methods }: Definition): GrpcServiceDefinition {
  return Object.fromEntries(
    Object.entries(methods).map(([key, { name, requestType, responseType, requestStream, responseStream }]) => [
      key,
      {
        path: `/${fullName}/${name}`,
        originalName: key,
        requestStream,
        responseStream,
        requestSerialize: (message: unknown) => Buffer.from(requestType.encode(message as never).finish()),
        requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
        responseSerialize: (message: unknown) => Buffer.from(responseType.encode(message as never).finish()),
        responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
      },
    ]),
  );
}
