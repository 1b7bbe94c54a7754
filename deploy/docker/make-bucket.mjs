import { makeBucket } from '../../tools/cluster/variables.mjs';

/** Makes the bucket that the environment of a service names, unless it is there, and ends. */
await makeBucket(process.env);
