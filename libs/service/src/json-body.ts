import { errors } from './errors.js';

/** A body that an RPC was handed as it came; BODY_UNREADABLE where it is no JSON. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), refuseProto);
  } catch (cause) {
    throw errors.BODY_UNREADABLE({ why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}

/** A body that is sent as it is. */
export const toJsonBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** As the parser of HTTP bodies does. */
function refuseProto(this: unknown, key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('it holds a key __proto__');
  return value;
}
