/** Where a home is, by its URL. */
export interface HomeAddress {
  /** host:port of gRPC. */
  readonly address: string;
  readonly tls: boolean;
}

const DEFAULT_PORT = '4301';
const SCHEMES: Readonly<Record<string, boolean>> = { 'http:': false, 'grpc:': false, 'https:': true, 'grpcs:': true };

/** Reads http(s)://host:port or grpc(s)://host:port, all of which mean the gRPC port, 4301 unless it is said; undefined for any other text. */
export function homeAddress(text: string): HomeAddress | undefined {
  const match = /^([a-z]+:)\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/.exec(text);
  const tls = SCHEMES[match?.[1] ?? ''];
  return match && tls !== undefined ? { address: `${match[2]}:${match[3] ?? DEFAULT_PORT}`, tls } : undefined;
}
