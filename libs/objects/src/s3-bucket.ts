import { createReadStream, readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { isConditionFailed, isMissing, s3Error } from './s3-fault.js';

/** Where a bucket is. Credentials come from the environment or the role of the process, never from here. */
export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Another server than AWS; addressed by path. */
  readonly endpoint?: string;
  /** In front of every key, such as `team-a/`. */
  readonly prefix?: string;
  /** PEM file of the authorities that an https server must be signed by, in the place of the public ones. */
  readonly caFile?: string;
}

/** An agent of our own: of options the SDK makes a second one for uploads that ask first (100-continue), and forgets whom to trust. */
const trusting = (caFile: string): Agent => new Agent({ ca: readFileSync(caFile), minVersion: 'TLSv1.2', keepAlive: true, maxSockets: MAX_SOCKETS });

/** What the bucket says of one key. */
export interface Entry {
  readonly key: string;
  readonly size: number;
  readonly time: Date;
  readonly etag: string;
}

const CONNECT_MS = 5_000;
const REQUEST_MS = 60_000;
/** As many as the SDK opens by itself. */
const MAX_SOCKETS = 50;
/** Larger files go up in parts of this size, some at once. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 3;

/** One bucket: keys without the prefix in, errors of this library out. */
export class S3Bucket {
  readonly #client: S3Client;
  readonly #prefix: string;

  constructor(private readonly options: S3Options) {
    const { region, endpoint, prefix = '', caFile } = options;
    this.#prefix = prefix;
    this.#client = new S3Client({ region, ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }), requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS, ...(caFile === undefined ? {} : { httpsAgent: trusting(caFile) }) } });
  }

  /** How people find a key. */
  place(key: string): string {
    return `s3://${this.options.bucket}/${this.#prefix}${key}`;
  }

  async head(key: string): Promise<Entry | undefined> {
    const found = await this.#ifThere('look', () => this.#client.send(new HeadObjectCommand(this.#at(key))));
    return found && { key, size: found.ContentLength ?? 0, time: found.LastModified ?? new Date(0), etag: found.ETag ?? '' };
  }

  async read(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
    return this.#ifThere('read', async () => {
      const { Body, ETag } = await this.#client.send(new GetObjectCommand(this.#at(key)));
      return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag ?? '' };
    });
  }

  /** Reads an object into a file; false where there is none. */
  async download(key: string, file: string): Promise<boolean> {
    const done = await this.#ifThere('read', async () => {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#at(key)));
      await pipeline(Body as Readable, createWriteStream(file, { flags: 'wx' }));
      return true;
    });
    return done ?? false;
  }

  /** Writes bytes under a condition; false when it does not hold. `ifMatch` is an etag, `ifAbsent` that nothing is there. */
  async write(key: string, bytes: Uint8Array, { ifMatch, ifAbsent = false }: { readonly ifMatch?: string; readonly ifAbsent?: boolean } = {}): Promise<boolean> {
    return this.#ifHolds('write', async () => {
      await this.#client.send(new PutObjectCommand({ ...this.#at(key), Body: bytes, ContentLength: bytes.byteLength, ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }), ...(ifAbsent ? { IfNoneMatch: '*' } : {}) }));
    });
  }

  /** Sends a file up, in parts where it is large; it appears whole or not at all. */
  async upload(key: string, file: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#explained('write', async () => {
      const upload = new Upload({ client: this.#client, params: { ...this.#at(key), Body: createReadStream(file) }, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE, leavePartsOnError: false });
      const stop = (): void => void upload.abort();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        await upload.done();
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
  }

  async remove(key: string): Promise<void> {
    await this.#explained('delete', () => this.#client.send(new DeleteObjectCommand(this.#at(key))));
  }

  /** Every key that starts so, in order. */
  async *list(start: string): AsyncGenerator<Entry> {
    let token: string | undefined;
    do {
      const after = token;
      const page = await this.#explained('list', () => this.#client.send(new ListObjectsV2Command({ Bucket: this.options.bucket, Prefix: this.#prefix + start, ...(after === undefined ? {} : { ContinuationToken: after }) })));
      for (const { Key = '', Size = 0, LastModified = new Date(0), ETag = '' } of page.Contents ?? []) yield { key: Key.slice(this.#prefix.length), size: Size, time: LastModified, etag: ETag };
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /** Gives up uploads in parts that nobody has ended; gives their number. */
  async abortUploads(before: Date): Promise<number> {
    const { Uploads = [] } = await this.#explained('list', () => this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.options.bucket, Prefix: this.#prefix })));
    const dead = Uploads.filter(({ Initiated }) => Initiated !== undefined && Initiated < before);
    for (const { Key, UploadId } of dead) await this.#explained('delete', () => this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.options.bucket, Key, UploadId })));
    return dead.length;
  }

  close(): void {
    this.#client.destroy();
  }

  #at(key: string) {
    return { Bucket: this.options.bucket, Key: this.#prefix + key };
  }

  async #ifThere<T>(action: string, work: () => Promise<T>): Promise<T | undefined> {
    return this.#explained(action, async () => {
      try {
        return await work();
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async #ifHolds(action: string, work: () => Promise<void>): Promise<boolean> {
    return this.#explained(action, async () => {
      try {
        await work();
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    });
  }

  async #explained<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, { bucket: this.options.bucket, action });
    }
  }
}
