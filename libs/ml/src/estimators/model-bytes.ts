import { createHash } from 'node:crypto';

/** How models are named by their content. */
export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
