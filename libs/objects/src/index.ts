export { resolveAllowedPath } from './allowed-path.js';
export { openLocalObjects } from './local-objects.js';
export { type ObjectsPlace, openObjects } from './open-objects.js';
export type { Collection, Digest, Manifest, ObjectRef, ObjectSource, ObjectStore } from './object-store.js';
export { S3Bucket, type S3Options } from './s3-bucket.js';
