import { createHash } from 'node:crypto';
import type { Digest, ObjectStore } from '@millrace/objects';

/**
 * Keeps objects from collection on behalf of a resource, before it is saved: a name without a resource is harmless, a resource without its objects
 * is not. The name follows from the objects, so that what is kept for one change is never let go by another.
 */
export async function keepObjects(objects: ObjectStore, resource: string, digests: Iterable<Digest>): Promise<void> {
  const kept = [...new Set(digests)].sort();
  const name = createHash('sha256').update(kept.join(' ')).digest('hex').slice(0, NAME_DIGITS);
  await objects.writeManifest(`registry/${resource}/${name}`, { objects: kept, body: { resource } });
}

const NAME_DIGITS = 32;
