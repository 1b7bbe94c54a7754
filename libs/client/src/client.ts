import { type CallOptions, type ClientOptions, Connection } from './connection.js';
import * as nouns from './gen/nouns.js';

/** The RPCs of one noun, such as those of models. */
export type Noun = Readonly<Record<string, (connection: Connection) => (request: never, options?: CallOptions) => unknown>>;

/** Nouns that know whom to ask. */
export type ClientOf<Nouns extends Readonly<Record<string, Noun>>> = {
  readonly [Name in keyof Nouns]: { readonly [Verb in keyof Nouns[Name]]: ReturnType<Nouns[Name][Verb]> };
};

/** Every noun that the gateway has. */
export type Client = ClientOf<typeof nouns>;

/** A client of every noun: `client.models.list()`. */
export const createClient = (options: ClientOptions): Client => createClientOf(options, nouns);

/** A client of these nouns only, so that a bundle holds nothing of the others: `createClientOf(options, { models })`. */
export function createClientOf<Nouns extends Readonly<Record<string, Noun>>>(options: ClientOptions, only: Nouns): ClientOf<Nouns> {
  const connection = new Connection(options);
  const bind = (rpcs: Noun) => Object.fromEntries(Object.entries(rpcs).map(([verb, rpc]) => [verb, rpc(connection)]));
  return Object.fromEntries(Object.entries(only).map(([name, rpcs]) => [name, bind(rpcs)])) as ClientOf<Nouns>;
}
