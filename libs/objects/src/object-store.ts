import type { ObjectsPlace } from './open-objects.js';

/** Names one content: equal bytes have equal digests. */
export type Digest = string;

/** One stored object. */
export interface ObjectRef {
  /** `sha256:` and 64 lower-case hexadecimal digits. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What can be put: bytes, a stream of bytes, or a file (with `move` its very file becomes the object, without a copy where the disk is the same). */
export type ObjectSource = Uint8Array | AsyncIterable<Uint8Array> | { readonly file: string; readonly move?: boolean };

/** A name for a set of objects: what a manifest names is never collected. */
export interface Manifest {
  readonly objects: readonly Digest[];
  /** Any value that canonicalJson can say. */
  readonly body: unknown;
}

/** What one collection did. */
export interface Collection {
  readonly kept: number;
  readonly removed: number;
  /** Bytes that became free. */
  readonly bytes: number;
  /** Dead temporary files that were cleared. */
  readonly temporaries: number;
}

/** A content-addressed store with manifests. All methods throw the errors of the table in `errors.ts`. */
export interface ObjectStore {
  /** Opens this very store in another process: `openObjects(place)`. */
  readonly place: ObjectsPlace;
  /** The directory that holds every path given out by `file` and `temporaryFile`. */
  readonly directory: string;
  /** Stores the content durably and gives its digest; the same content again makes no second copy. */
  put(source: ObjectSource, options?: { readonly signal?: AbortSignal }): Promise<ObjectRef>;
  /** The whole content, its digest verified. */
  read(digest: Digest): Promise<Uint8Array>;
  /** The content in pieces, its digest verified before the first. */
  stream(digest: Digest): AsyncIterable<Uint8Array>;
  /** A readable local file with the content, its digest verified (once per process as long as the file is not touched). */
  file(digest: Digest): Promise<string>;
  has(digest: Digest): Promise<boolean>;
  /** Bytes of the object; OBJECT_NOT_FOUND where there is none. */
  size(digest: Digest): Promise<number>;
  /** A fresh path on the store's disk, to be written and then given to `put` with `move`. */
  temporaryFile(extension?: string): Promise<string>;
  /** Writes or replaces a manifest atomically; OBJECT_NOT_FOUND where it names an object that is not there. */
  writeManifest(name: string, manifest: Manifest): Promise<void>;
  readManifest(name: string): Promise<Manifest | undefined>;
  /** The names that start with `prefix`, sorted. */
  listManifests(prefix?: string): Promise<readonly string[]>;
  /** Removes a manifest; its objects stay until the next collection. */
  deleteManifest(name: string): Promise<void>;
  /** Removes the objects and temporaries that no manifest names and that nobody has put, or named, for `olderThanMs`. */
  collect(options: { readonly olderThanMs: number }): Promise<Collection>;
}
