import { createHash } from 'node:crypto';
import type { ObjectStore } from '@millrace/objects';
import type { DatasetService } from '../dataset.service.js';
import { errors } from '../errors.js';
import type { PushPlace } from '../reading/source.js';
import { pushedLines } from './push-rows.js';
import type { Pending, PushStore } from './push.store.js';

/** What became of a push. */
export interface PushAnswer {
  readonly rows: number;
  /** They were there already, by their key. */
  readonly known: boolean;
  /** Rows of the dataset that wait for a version. */
  readonly pending: number;
}

/** Of one dataset; beyond it pushes are refused until a version has taken what waits. */
const MAX_PENDING_BYTES = 256 * 1024 * 1024;
const KEY = /^[\x21-\x7e]{1,200}$/;
/** So many files at most are made of the pushes of one run. */
const MAX_FILES = 32;
const KEYS_DAYS = 7;
const DAY_MS = 86_400_000;

/** Takes rows that are pushed, and hands them to the run that makes a version of them. */
export class PushService {
  constructor(
    private readonly store: PushStore,
    private readonly datasets: DatasetService,
    private readonly objects: ObjectStore,
    private readonly clock: () => Date,
  ) {}

  /** Keeps rows until a version holds them: they are on the disk when this resolves. The same key again keeps nothing. */
  async push(dataset: string, { key, bytes }: { readonly key: string; readonly bytes: Uint8Array }): Promise<PushAnswer> {
    if (!KEY.test(key)) throw errors.PUSH_REFUSED({ place: 'the idempotency key', why: 'give 1 to 200 visible ASCII characters by which this very push is known again' });
    const lines = pushedLines(bytes);
    const body = lines.map((line) => `${line}\n`).join('');
    await this.datasets.ensure(dataset);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const kept = await this.store.add({ dataset, key, digest, rows: lines.length, body, createTime: this.clock() }, { maxPendingBytes: MAX_PENDING_BYTES });
    return { rows: lines.length, ...kept };
  }

  pending(): Promise<readonly Pending[]> {
    return this.store.pending();
  }

  /** What a run of this moment would read: its rows stay the same, however often it begins. */
  async pin(dataset: string): Promise<PushPlace> {
    return { last: await this.store.last(dataset), files: [] };
  }

  /** The pinned rows as objects that a job can read. */
  async place(dataset: string, { last }: PushPlace): Promise<PushPlace> {
    const pushes: { readonly key: string; readonly body: string }[] = [];
    for await (const { key, body } of this.store.upTo(dataset, last)) pushes.push({ key, body });
    const size = Math.max(1, Math.ceil(pushes.length / MAX_FILES));
    const files: { readonly label: string; readonly digest: string }[] = [];
    for (let from = 0; from < pushes.length; from += size) {
      const some = pushes.slice(from, from + size);
      const [first, end] = [some[0]?.key ?? '', some.at(-1)?.key ?? ''];
      const { digest } = await this.objects.put(new TextEncoder().encode(some.map(({ body }) => body).join('')));
      files.push({ label: some.length === 1 ? `push ${first}` : `pushes ${first} to ${end}`, digest });
    }
    return { last, files };
  }

  /** For the chores of the day. */
  forgetKeys(): Promise<void> {
    return this.store.forget(new Date(this.clock().getTime() - KEYS_DAYS * DAY_MS));
  }
}
