import { AppError } from '@millrace/core';
import type { Client, Definition } from '@millrace/rpc';
import type { Seen } from '../completeness/seen.js';

type AnyCall = (request: unknown, options?: unknown) => Promise<unknown> | AsyncIterable<unknown>;

/** The client itself, with every call and what came of it told to `seen`. */
export function followed<D extends Definition>(client: Client<D>, definition: D, seen: Seen): Client<D> {
  const methods = Object.entries(definition.methods).map(([key, { name, requestStream, responseStream }]) => {
    const rpc = `${definition.name}/${name}`;
    const call = (client as unknown as Record<string, AnyCall>)[key] as AnyCall;
    const note = (request: unknown, response: unknown, error?: unknown): void => seen.call({ rpc, request: requestStream ? {} : request, response, error: error instanceof AppError ? error : undefined });
    const unary = async (request: unknown, options?: unknown): Promise<unknown> => {
      try {
        const response = await (call(request, options) as Promise<unknown>);
        note(request, response);
        return response;
      } catch (error) {
        note(request, undefined, error);
        throw error;
      }
    };
    const stream = async function* (request: unknown, options?: unknown): AsyncGenerator<unknown> {
      try {
        for await (const message of call(request, options) as AsyncIterable<unknown>) {
          note(request, message);
          yield message;
        }
      } catch (error) {
        note(request, undefined, error);
        throw error;
      }
    };
    return [key, responseStream ? stream : unary] as const;
  });
  return Object.fromEntries(methods) as unknown as Client<D>;
}
