import { kafka } from './kafka.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';
import { s3 } from './s3.mjs';

/** Every kind of server that the cluster home needs, by name. */
export const KINDS = { kafka, postgres, redis, s3 };
