import type { ClientContext, Result } from 'ioredis';
import { STAMP_BYTES } from './packed-entity.js';

/**
 * Reads a marker and values at one moment. Of each value the reader says what he holds of it: the stamp it begins with, the stamp he holds it up to, and their
 * length in bytes (0 for nothing). He gets 1 where that is all of it, a list with the rest where it goes on, else the whole value, or nil.
 */
const readValues = `
local found = { redis.call('GET', KEYS[1]) }
for i = 2, #KEYS do
  local at = i * 3 - 5
  local held = tonumber(ARGV[at + 2])
  local length = redis.call('STRLEN', KEYS[i])
  if length == 0 then
    found[i] = false
  elseif held > 0 and held <= length and redis.call('GETRANGE', KEYS[i], 1, ${STAMP_BYTES}) == ARGV[at] and redis.call('GETRANGE', KEYS[i], held - ${STAMP_BYTES}, held - 1) == ARGV[at + 1] then
    if held == length then found[i] = 1 else found[i] = { redis.call('GETRANGE', KEYS[i], held, -1) } end
  else
    found[i] = redis.call('GET', KEYS[i])
  end
end
return found`;

/** Appends to each key ('+'), or sets it ('='), where its value still ends with the stamp that it was read with (empty for a key that was not there); gives the places of the others. Expiry 0 is none. */
const writeValues = `
local others = {}
for i = 1, #KEYS do
  local at = i * 4 - 3
  local expires = ARGV[at + 3]
  if redis.call('GETRANGE', KEYS[i], -${STAMP_BYTES}, -1) ~= ARGV[at] then
    others[#others + 1] = i - 1
  elseif ARGV[at + 1] == '+' then
    redis.call('APPEND', KEYS[i], ARGV[at + 2])
    if expires == '0' then redis.call('PERSIST', KEYS[i]) else redis.call('PEXPIREAT', KEYS[i], expires) end
  elseif expires == '0' then
    redis.call('SET', KEYS[i], ARGV[at + 2])
  else
    redis.call('SET', KEYS[i], ARGV[at + 2], 'PXAT', expires)
  end
end
return others`;

/** Sets a key that still holds what is expected (empty for one that is not there); gives 1 when it did. */
const swap = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;

/** Keeps a lease of the holder alive for so many milliseconds; 0 when another one has it. */
const renewLease = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** Gives a lease back, unless another one has it. */
const endLease = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** Scripts by the names under which pipelines have them; all keys of one call lie in one slot. */
export const SCRIPTS = {
  readValues: { lua: readValues },
  writeValues: { lua: writeValues },
  swap: { lua: swap, numberOfKeys: 1 },
  renewLease: { lua: renewLease, numberOfKeys: 1 },
  endLease: { lua: endLease, numberOfKeys: 1 },
};

/** What the reader of a value gets: the whole of it, what it went on with, 1 when he has it, null when there is none. */
export type ReadReply = Buffer | readonly [Buffer] | 1 | null;

declare module 'ioredis' {
  interface RedisCommander<Context extends ClientContext> {
    /** The first answer is the marker. */
    readValuesBuffer(keys: number, ...more: readonly (string | Buffer)[]): Result<readonly ReadReply[], Context>;
    writeValues(keys: number, ...more: readonly (string | Buffer)[]): Result<readonly number[], Context>;
    swap(key: string, expected: string, next: string): Result<number, Context>;
    renewLease(key: string, holder: string, ms: number): Result<number, Context>;
    endLease(key: string, holder: string): Result<number, Context>;
  }
}
