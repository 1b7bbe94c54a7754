import { openLocalObjects } from './local-objects.js';
import type { ObjectStore } from './object-store.js';
import type { S3Options } from './s3-bucket.js';

/** Where objects are kept: a local directory, or a bucket with a local directory for copies. Plain JSON without secrets, so that it can go to a job. */
export type ObjectsPlace = { readonly directory: string } | { readonly bucket: S3Options; readonly cacheDirectory: string };

/** Opens the store of a place; what speaks to buckets is loaded only for one. */
export async function openObjects(place: ObjectsPlace): Promise<ObjectStore> {
  if ('directory' in place) return openLocalObjects(place.directory);
  const { openS3Objects } = await import('./s3-objects.js');
  return openS3Objects({ ...place.bucket, cacheDirectory: place.cacheDirectory });
}
