import { createHash } from 'node:crypto';
import { uuidv7 } from '@millrace/core';

/** Longer keys are kept by their digest. */
const LONGEST_KEY = 200;

/** Names the keys of Redis. The braces make all keys of one view lie in one slot of a cluster, so that one command or script can take several of them. */
export class KeyLayout {
  constructor(private readonly prefix: string) {}

  marker(view: string): string {
    return `${this.prefix}{${view}}:at`;
  }

  /** Held by the one who fills a view. */
  lease(view: string): string {
    return `${this.prefix}{${view}}:lease`;
  }

  value(view: string, generation: string, key: string): string {
    return `${this.prefix}{${view}}:${generation}:${Buffer.byteLength(key) <= LONGEST_KEY ? `=${key}` : `#${createHash('sha256').update(key).digest('base64url')}`}`;
  }

  /** What SCAN finds the values of a view by. */
  valuesPattern(view: string): string {
    return `${this.prefix}{${view}}:*:*`;
  }

  /** The generation that a value belongs to. */
  generationOf(view: string, key: string): string {
    return key.slice(`${this.prefix}{${view}}:`.length).split(':', 1)[0] ?? '';
  }
}

/** A generation of its own, that tells when it was begun. */
export const newGeneration = (): string => uuidv7();

/** When a generation was begun, in milliseconds. */
export const begunAt = (generation: string): number => Number.parseInt(generation.replaceAll('-', '').slice(0, 12), 16);
