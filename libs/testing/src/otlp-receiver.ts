import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { BinaryReader } from '@bufbuild/protobuf/wire';

/** One span as it came in. Ids are lower-case hex; a root has no parent. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** `service.name` of the process that sent it. */
  readonly service: string;
  /** Attributes that are texts. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed: boolean;
}

/** An OTLP receiver in this process. */
export interface OtlpReceiver {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is set to. */
  readonly endpoint: string;
  /** Everything that has come in so far. */
  readonly spans: readonly ReceivedSpan[];
  close(): Promise<void>;
}

/** Listens for traces by OTLP over HTTP, as protobuf; anything else is refused. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const right = request.method === 'POST' && request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
      if (right) spans.push(...readTraces(body));
      response.writeHead(right ? 200 : 400, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The spans of an ExportTraceServiceRequest (opentelemetry/proto/collector/trace/v1). */
function readTraces(request: Uint8Array): readonly ReceivedSpan[] {
  return fieldsOf(request)
    .bytes(1)
    .flatMap((resourceSpans) => {
      const fields = fieldsOf(resourceSpans);
      const service = fields.bytes(1).map(attributesOf(1))[0]?.['service.name'] ?? '';
      return fields.bytes(2).flatMap((scopeSpans) => fieldsOf(scopeSpans).bytes(2).map((span) => toSpan(span, service)));
    });
}

function toSpan(message: Uint8Array, service: string): ReceivedSpan {
  const fields = fieldsOf(message);
  const hex = (number: number): string => Buffer.from(fields.bytes(number)[0] ?? []).toString('hex');
  const [status] = fields.bytes(15);
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4) || undefined,
    name: textOf(fields.bytes(5)[0]),
    service,
    attributes: attributesOf(9)(message),
    failed: status !== undefined && fieldsOf(status).number(3) === STATUS_ERROR,
  };
}

const STATUS_ERROR = 2;

const attributesOf = (number: number) => (message: Uint8Array): Record<string, string> =>
  Object.fromEntries(
    fieldsOf(message)
      .bytes(number)
      .map(fieldsOf)
      .map((pair) => [textOf(pair.bytes(1)[0]), textOf(fieldsOf(pair.bytes(2)[0] ?? new Uint8Array()).bytes(1)[0])]),
  );

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** The fields of a message by number: those that are bytes, texts or messages, and those that are small numbers. */
function fieldsOf(message: Uint8Array) {
  const bytes = new Map<number, Uint8Array[]>();
  const numbers = new Map<number, number>();
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === LENGTH_DELIMITED) bytes.set(field, [...(bytes.get(field) ?? []), reader.bytes()]);
    else if (type === VARINT) numbers.set(field, Number(reader.uint64()));
    else reader.skip(type);
  }
  return { bytes: (field: number): readonly Uint8Array[] => bytes.get(field) ?? [], number: (field: number): number | undefined => numbers.get(field) };
}
