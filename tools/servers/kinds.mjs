import { chromium } from './chromium.mjs';
import { kafka } from './kafka.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';
import { s3 } from './s3.mjs';
import { toxiproxy } from './toxiproxy.mjs';

/** Every kind of server that the cluster home needs, by name. */
export const KINDS = { kafka, postgres, redis, s3 };

/** What can be installed: the servers, what `npm run chaos` harms them with, and the browser that looks at the page. */
export const INSTALLABLE = { ...KINDS, toxiproxy, chromium };
