import { fileURLToPath } from 'node:url';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { credentials, type GrpcObject, loadPackageDefinition, type ServiceClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';

/** Messages as a stranger sees them: names of the proto, 64-bit integers as texts, enums by name. */
export type Message = Readonly<Record<string, unknown>>;

/** A client made of descriptors alone; it knows nothing of our code. */
export interface Stranger {
  call(method: string, request: Message): Promise<Message>;
  read(method: string, request: Message): Promise<readonly Message[]>;
  close(): void;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REFLECTION = `${ROOT}node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto`;
const HEALTH = `${ROOT}node_modules/grpc-health-check/proto/health/v1/health.proto`;
const plainly: Options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };

/** What the `.proto` files of the repository say. */
export const fromFiles = (...files: readonly string[]): PackageDefinition => loadSync([...files], { ...plainly, includeDirs: [`${ROOT}proto`, `${ROOT}third_party`] });

/** A client of one service at an address. */
export function strangerOf(descriptors: PackageDefinition, service: string, address: string): Stranger {
  const found = service.split('.').reduce<unknown>((inner, name) => (inner as GrpcObject)[name], loadPackageDefinition(descriptors));
  const client = new (found as ServiceClientConstructor)(address, credentials.createInsecure());
  const invoke = (method: string, ...parts: readonly unknown[]): unknown => {
    const known = client[method];
    if (typeof known !== 'function') throw new Error(`${service} has no ${method}.`);
    return (known as (...args: unknown[]) => unknown).apply(client, [...parts]);
  };
  return {
    call: (method, request) => new Promise((resolve, reject) => void invoke(method, request, (error: ServiceError | null, answer: Message) => (error ? reject(error) : resolve(answer)))),
    read: async (method, request) => {
      const all: Message[] = [];
      for await (const message of invoke(method, request) as AsyncIterable<Message>) all.push(message);
      return all;
    },
    close: () => client.close(),
  };
}

/** Asks for the health of a service, or of the whole server by "". */
export async function healthOf(address: string, service: string): Promise<unknown> {
  const health = strangerOf(loadSync(HEALTH, plainly), 'grpc.health.v1.Health', address);
  try {
    return (await health.call('Check', { service }))['status'];
  } finally {
    health.close();
  }
}

/** Learns from a server what it serves, and the descriptors of a service with all that they need. */
export function reflectionOf(address: string) {
  const descriptors = loadSync(REFLECTION, { ...plainly, defaults: false });
  return {
    listServices: async (): Promise<readonly string[]> => ((await ask({ list_services: '' }))['list_services_response'] as { service: readonly { name: string }[] }).service.map(({ name }) => name),
    describe: async (symbol: string): Promise<PackageDefinition> => {
      const { file_descriptor_proto: files } = (await ask({ file_containing_symbol: symbol }))['file_descriptor_response'] as { file_descriptor_proto: readonly Uint8Array[] };
      const set = new BinaryWriter();
      for (const file of files) set.uint32(FILE_OF_SET).bytes(file);
      return loadFileDescriptorSetFromBuffer(Buffer.from(set.finish()), plainly);
    },
  };

  async function ask(request: Message): Promise<Message> {
    const { ServerReflection } = ((loadPackageDefinition(descriptors)['grpc'] as GrpcObject)['reflection'] as GrpcObject)['v1'] as Record<string, ServiceClientConstructor>;
    if (!ServerReflection) throw new Error('The proto of server reflection is not there.');
    const client = new ServerReflection(address, credentials.createInsecure());
    const call = (client['ServerReflectionInfo'] as () => NodeJS.WritableStream & AsyncIterable<Message>).call(client);
    try {
      call.write(request as unknown as string);
      call.end();
      for await (const answer of call) return answer;
      throw new Error('Server reflection gave no answer.');
    } finally {
      client.close();
    }
  }
}

/** `file` of google.protobuf.FileDescriptorSet: field 1, length-delimited. */
const FILE_OF_SET = (1 << 3) | 2;
