import type { ClientContext, Result } from 'ioredis';
import { STAMP_FROM, STAMP_TO } from './packed-entity.js';

/** Sets each key whose value still has the stamp that it was read with (empty for a key that was not there); gives the places of the others. Expiry 0 is none. */
const putStamped = `
local others = {}
for i = 1, #KEYS do
  local at = i * 3 - 2
  if redis.call('GETRANGE', KEYS[i], ${STAMP_FROM}, ${STAMP_TO}) == ARGV[at] then
    if ARGV[at + 2] == '0' then redis.call('SET', KEYS[i], ARGV[at + 1]) else redis.call('SET', KEYS[i], ARGV[at + 1], 'PXAT', ARGV[at + 2]) end
  else
    others[#others + 1] = i - 1
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
  putStamped: { lua: putStamped },
  swap: { lua: swap, numberOfKeys: 1 },
  renewLease: { lua: renewLease, numberOfKeys: 1 },
  endLease: { lua: endLease, numberOfKeys: 1 },
};

declare module 'ioredis' {
  interface RedisCommander<Context extends ClientContext> {
    putStamped(keys: number, ...more: readonly (string | Buffer)[]): Result<readonly number[], Context>;
    swap(key: string, expected: string, next: string): Result<number, Context>;
    renewLease(key: string, holder: string, ms: number): Result<number, Context>;
    endLease(key: string, holder: string): Result<number, Context>;
  }
}
