import type { Codec } from './codec.js';
import { MillraceError } from './millrace-error.js';

/** How an RPC is reached over HTTP, from its annotation. */
export interface Route {
  /** Verb and path template, such as `GET /v1/{name=models/*}`; where there are several, the first that the request fits. */
  readonly at: readonly [string, ...string[]];
  /** Undefined for no body, * for the whole request, or the field that it is. */
  readonly body?: string;
  /** A request_id is among its fields, so that it may be repeated under a key. */
  readonly keyed?: boolean;
}

/** A request as HTTP has it. */
export interface HttpRequest {
  readonly verb: string;
  /** With its query. */
  readonly path: string;
  readonly body: string | undefined;
  /** It changes nothing, or says itself which call it is. */
  readonly repeatable: boolean;
  /** It takes an Idempotency-Key and has none. */
  readonly wantsKey: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Puts a request into path, query and body. A list of messages is the body of a call that takes a stream; the path is of the first. */
export function httpRequest({ at, body, keyed = false }: Route, { write }: Pick<Codec<never>, 'write'>, given: unknown): HttpRequest {
  const json = writing(() => (Array.isArray(given) ? given.map((each) => write(each as never)) : write(given as never)));
  const first = (Array.isArray(json) ? (json[0] ?? {}) : json) as Json;
  const { verb, path, used } = fit(at, first);
  const loose = Object.entries(first).filter(([name]) => !used.includes(name));
  const named = (Array.isArray(json) ? json : [json]).every((each: Json) => typeof each['requestId'] === 'string' && each['requestId'] !== '');
  // A header names one message, not several.
  const wantsKey = keyed && !named && !Array.isArray(json);
  return {
    verb,
    path: path + (body === '*' ? '' : queryOf(loose.filter(([name]) => name !== body))),
    body: body === undefined ? undefined : JSON.stringify(Array.isArray(json) ? json : body === '*' ? Object.fromEntries(loose) : (first[body] ?? {})),
    repeatable: verb === 'GET' || wantsKey || (keyed && named),
    wantsKey,
  };
}

interface Fitted {
  readonly verb: string;
  readonly path: string;
  /** Fields that stand whole in the path. */
  readonly used: readonly string[];
}

function fit(at: Route['at'], json: Json): Fitted {
  for (const each of at) {
    const [verb = '', template = ''] = each.split(' ');
    const used: string[] = [];
    let fits = true;
    const path = template.replace(/\{([\w.]+)(?:=([^}]*))?\}/g, (_, field: string, pattern = '*') => {
      const value = field.split('.').reduce<unknown>((held, name) => (held as Json | undefined)?.[name], json);
      used.push(field);
      fits &&= typeof value === 'string' && matches(value.split('/'), (pattern as string).split('/'));
      return String(value).split('/').map(encodeURIComponent).join('/');
    });
    if (fits) return { verb, path, used };
  }
  const wanted = at.map((each) => each.slice(each.indexOf(' ') + 1)).join(' or ');
  throw new MillraceError(`The request does not fill the path ${wanted}: give a name of that form.`, { code: 'INVALID_ARGUMENT', reason: 'PATH_UNFIT', metadata: { path: wanted } });
}

/** A segment that is . or .. would lead to another path. */
function matches(segments: readonly string[], pattern: readonly string[]): boolean {
  const isWhole = pattern.at(-1) === '**' ? segments.length >= pattern.length : segments.length === pattern.length;
  return isWhole && segments.every((segment, i) => segment !== '' && !/^\.\.?$/.test(segment) && (pattern[i] === undefined || pattern[i]?.startsWith('*') === true || pattern[i] === segment));
}

function queryOf(fields: readonly (readonly [string, unknown])[]): string {
  const query = new URLSearchParams();
  const add = (name: string, value: unknown): void => {
    if (Array.isArray(value)) value.forEach((each) => add(name, each));
    else if (typeof value === 'object' && value !== null) Object.entries(value).forEach(([key, inner]) => add(`${name}.${key}`, inner));
    else query.append(name, String(value));
  };
  fields.forEach(([name, value]) => add(name, value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** What cannot be written is the caller's fault, such as a number that was rounded or a time that is none. */
function writing<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new MillraceError(`The request cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`, { code: 'INVALID_ARGUMENT', reason: 'REQUEST_UNWRITABLE' }, { cause });
  }
}
