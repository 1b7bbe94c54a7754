import type { Codec } from './codec.js';
import type { CallOptions, Connection } from './connection.js';
import { followStream } from './event-stream.js';
import { httpRequest, type Route } from './http-request.js';
import { type Page, type Pages, pagesOf } from './pages.js';

/** A function of a client; its request may be left out where nothing of it must be there. */
export type Call<Request, Answer> = object extends Request ? (request?: Request, options?: CallOptions) => Answer : (request: Request, options?: CallOptions) => Answer;

/** What an RPC is before it knows whom to ask. */
export type Rpc<Request, Answer> = (connection: Connection) => Call<Request, Answer>;

/** How the messages of an RPC are written and read. */
export interface Messages {
  readonly input: Pick<Codec<never>, 'write'>;
  readonly output: Pick<Codec<unknown>, 'read'>;
}

/** One answer. */
export const unary = <Request, Answer>(route: Route, { input, output }: Messages): Rpc<Request, Promise<Answer>> => (connection) =>
  calling<Request, Promise<Answer>>(async (request, options) => output.read(await connection.ask(httpRequest(route, input, request), options)) as Answer);

/** A list, of which `items` is the field with the items. */
export const paged = <Request, Item>(route: Route, { input, output }: Messages, items: string): Rpc<Request, Pages<Item>> => (connection) =>
  calling<Request, Pages<Item>>((request, options) =>
    pagesOf(String((request as { readonly pageToken?: string }).pageToken ?? ''), async (pageToken): Promise<Page<Item>> => {
      const page = output.read(await connection.ask(httpRequest(route, input, { ...(request as object), ...(pageToken === '' ? {} : { pageToken }) }), options)) as Record<string, unknown>;
      return { items: page[items] as readonly Item[], nextPageToken: page['nextPageToken'] as string };
    }),
  );

/** Messages as they come. */
export const streamed = <Request, Answer>(route: Route, { input, output }: Messages): Rpc<Request, AsyncIterable<Answer>> => (connection) =>
  calling<Request, AsyncIterable<Answer>>((request, options) => ({
    async *[Symbol.asyncIterator]() {
      for await (const json of followStream(connection, httpRequest(route, input, request), options)) yield output.read(json) as Answer;
    },
  }));

const calling = <Request, Answer>(call: (request: unknown, options: CallOptions) => Answer): Call<Request, Answer> => ((request: unknown = {}, options: CallOptions = {}) => call(request, options)) as Call<Request, Answer>;
