import { setTimeout as sleep } from 'node:timers/promises';
import { type sendUnaryData, Server, type ServiceDefinition, type ServerDuplexStream, type ServerReadableStream, type ServerUnaryCall, type ServerWritableStream, type UntypedHandleCall } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { TlsSource } from '@millrace/tls';
import { HealthImplementation } from 'grpc-health-check';
import type { Call, Client, Definition, Handlers, Method } from './definition.js';
import { toGrpc } from './definition.js';
import { errors } from './errors.js';
import { inProcessClient } from './in-process.js';
import { KEEP_ALIVE, keepAliveOptions, MAX_MESSAGE_BYTES } from './rpc-client.js';
import { InFlight, type ServedMethod, serveMethod, type Surroundings, Unreadable } from './served.js';
import { toAppError, toStatus } from './status.js';
import { serverCredentials } from './tls-credentials.js';
import { tracing } from './tracing.js';

/** Answers that are written have so long to leave. */
const LEAVE_MS = 500;

/** How a host is made. */
export interface RpcHostOptions extends Partial<Surroundings> {
  /** Descriptor set of all served protos, for server reflection; without it there is none. */
  readonly image?: Uint8Array;
  /** What it shows of itself; with a CA, callers must show a certificate that this one has signed. Without it calls are not encrypted. */
  readonly tls?: TlsSource | undefined;
}

/** Serves many services behind one gRPC port, and the very same handlers to callers in this process. */
export class RpcHost {
  readonly #surroundings: Surroundings;
  readonly #image: Uint8Array | undefined;
  readonly #tls: TlsSource | undefined;
  readonly #inFlight = new InFlight();
  readonly #served = new Map<string, { definition: Definition; methods: Readonly<Record<string, ServedMethod>> }>();
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  #server: Server | undefined;

  constructor({ observers = [tracing], authorize = () => undefined, onBug = () => undefined, image, tls }: RpcHostOptions = {}) {
    this.#surroundings = { observers, authorize, onBug };
    this.#image = image;
    this.#tls = tls;
  }

  /** Adds a service; must come before `listen`. */
  register<D extends Definition>(definition: D, handlers: Handlers<D>): void {
    const methods = Object.fromEntries(
      Object.entries(definition.methods).map(([key, method]) => {
        const handler = handlers[key as keyof Handlers<D>] as unknown as (input: unknown, call: Call) => unknown;
        return [key, serveMethod(definition, method, { handler: handler.bind(handlers), inFlight: this.#inFlight, surroundings: this.#surroundings })] as const;
      }),
    );
    this.#served.set(definition.fullName, { definition, methods });
    this.#health.setStatus(definition.fullName, 'NOT_SERVING');
  }

  /** A client in this process: same handlers, deadlines and errors, no encoding. NOT_SERVED at the first call when the service is not here. */
  client<D extends Definition>(definition: D): Client<D> {
    return inProcessClient(definition, (key) => {
      const method = this.#served.get(definition.fullName)?.methods[key];
      if (!method) throw errors.NOT_SERVED({ service: definition.fullName });
      return method;
    }, this.#surroundings.observers);
  }

  /** Binds a port and serves; gives the address, with the port that was chosen for 0. */
  async listen(address: string): Promise<string> {
    const server = new Server({ ...keepAliveOptions(KEEP_ALIVE), 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': MAX_MESSAGE_BYTES });
    for (const { definition, methods } of this.#served.values()) server.addService(tolerant(toGrpc(definition)), grpcHandlers(definition, methods));
    this.#health.addToServer(server);
    if (this.#image) new ReflectionService(filesOf(this.#image), { services: [...this.#served.keys()] }).addToServer(server);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(address, serverCredentials(this.#tls), (error, bound) => (error ? reject(errors.ADDRESS_IN_USE({ address, why: error.message }, { cause: error })) : resolve(bound))),
    );
    this.#server = server;
    return `${address.slice(0, address.lastIndexOf(':'))}:${port}`;
  }

  /** Tells health checks whether calls are welcome. */
  setServing(serving: boolean): void {
    for (const service of ['', ...this.#served.keys()]) this.#health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING');
  }

  /** Refuses new calls from outside and finishes those in flight, at most `ms` long. */
  async drain(ms: number): Promise<void> {
    this.setServing(false);
    await this.#inFlight.drain(ms);
  }

  /** Closes the port once the answers that were given are on their way; who only watches is not waited for. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    await Promise.race([new Promise<void>((resolve) => server.tryShutdown(() => resolve())), sleep(LEAVE_MS, undefined, { ref: false })]);
    server.forceShutdown();
  }
}

/** The files of a descriptor set as they are. What proto-loader makes of them has other file names, no imports and relative type names, which strict clients refuse. */
function filesOf(image: Uint8Array): PackageDefinition {
  const files: Uint8Array[] = [];
  const reader = new BinaryReader(image);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === FILE_OF_SET) files.push(reader.bytes());
    else reader.skip(type);
  }
  // All that reflection reads of a package.
  return { '': { fileDescriptorProtos: files } } as unknown as PackageDefinition;
}

/** `file` of google.protobuf.FileDescriptorSet. */
const FILE_OF_SET = 1;

/** Lets a message that cannot be read through to where errors get their form; grpc-js would call it a fault of ours. */
const tolerant = (service: ServiceDefinition): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(service).map(([key, method]) => {
      const requestDeserialize = (bytes: Buffer): unknown => {
        try {
          return method.requestDeserialize(bytes);
        } catch (cause) {
          return new Unreadable(cause);
        }
      };
      return [key, { ...method, requestDeserialize }];
    }),
  );

function grpcHandlers(definition: Definition, methods: Readonly<Record<string, ServedMethod>>): Record<string, UntypedHandleCall> {
  return Object.fromEntries(Object.entries(definition.methods).map(([key, method]) => [key, grpcHandler(method, methods[key] as ServedMethod)]));
}

function grpcHandler(method: Method, served: ServedMethod): UntypedHandleCall {
  const { requestStream, responseStream } = method;
  if (responseStream) {
    return (stream: ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>) => {
      const { call, answered } = callOf(stream, method);
      const input = requestStream ? uploaded(stream as ServerDuplexStream<unknown, unknown>, call, method) : (stream as ServerWritableStream<unknown, unknown>).request;
      void pump(served(input, call, 'grpc') as AsyncIterable<unknown>, stream, call).finally(answered);
    };
  }
  return (stream: ServerUnaryCall<unknown, unknown> | ServerReadableStream<unknown, unknown>, reply: sendUnaryData<unknown>) => {
    const { call, answered } = callOf(stream, method);
    const input = requestStream ? uploaded(stream as ServerReadableStream<unknown, unknown>, call, method) : (stream as ServerUnaryCall<unknown, unknown>).request;
    (served(input, call, 'grpc') as Promise<unknown>).finally(answered).then((value) => reply(null, value), (error: unknown) => reply(toStatus(toAppError(error))));
  };
}

/** Writes as fast as the caller reads: a full buffer waits for `drain`. */
async function pump(messages: AsyncIterable<unknown>, stream: ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>, { signal }: Call): Promise<void> {
  // One listener for the whole stream: it may wait many times.
  let wake = (): void => undefined;
  stream.on('drain', () => wake());
  signal.addEventListener('abort', () => wake());
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      if (stream.write(message)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (signal.aborted) resolve();
      });
    }
    stream.end();
  } catch (error) {
    stream.emit('error', toStatus(toAppError(error)));
  }
}

/** What a caller streams; that the caller has gone is no fault of ours. */
async function* uploaded(stream: ServerReadableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>, { signal }: Call, method: Method): AsyncGenerator<unknown> {
  try {
    for await (const message of stream) {
      if (message instanceof Unreadable) throw message.toError(method);
      yield message;
    }
  } catch (cause) {
    throw signal.aborted ? errors.CANCELLED({ method: method.name }, { cause }) : cause;
  }
  signal.throwIfAborted();
}

type AnyCall = ServerUnaryCall<unknown, unknown> | ServerReadableStream<unknown, unknown> | ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>;

function callOf(stream: AnyCall, { name }: Method): { readonly call: Call; readonly answered: () => void } {
  const controller = new AbortController();
  const limit = stream.getDeadline();
  const deadline = limit === Infinity ? FOREVER : new Date(limit);
  let open = true;
  // The four kinds of call share this event, but not a type that says so. It comes once the stream is closed, also after an answer has been sent.
  (stream as NodeJS.EventEmitter).once('cancelled', () => {
    if (open) controller.abort(deadline.getTime() <= Date.now() ? errors.DEADLINE_EXCEEDED({ method: name }) : errors.CANCELLED({ method: name }));
  });
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(stream.metadata.getMap())) if (typeof value === 'string') metadata[key] = value;
  return { call: { signal: controller.signal, deadline, metadata }, answered: () => (open = false) };
}

/** The last moment that a Date can name. */
export const FOREVER = new Date(8.64e15);
