import { setTimeout as sleep } from 'node:timers/promises';
import { type AppError, uuidv7 } from '@millrace/core';
import type { Kysely, RawBuilder } from 'kysely';
import { isSqlite } from './columns.js';
import { errors } from './errors.js';
import { type LeaseClaim, LeaseTable, type LeaseTables } from './lease-table.js';

/** How leases are held; every field has a default. */
export interface LeaseOptions {
  /** Who holds them: the same after a restart over the same data, another in every other process. */
  readonly owner?: string;
  /** So long after its last sign of life an owner loses what it holds. */
  readonly lastsMs?: number;
  /** The time of a database that has one process. */
  readonly clock?: () => Date;
  /** Milliseconds that no change of the clock disturbs. */
  readonly monotonic?: () => number;
  /** Told when something was given back that others may want. */
  readonly onFreed?: () => void;
}

/** The topic of signals on which the others are told that leases were given back. */
export const LEASES_FREED = 'leases-freed';

/** The right to work at something, which no other process has at the same time. */
export interface Lease {
  readonly name: string;
  /** Processes that died holding it since its work was begun. */
  readonly takeovers: number;
  /** Aborts, with LEASE_LOST as its reason, when the right is gone. */
  readonly lost: AbortSignal;
}

export const LEASE_MS = 30_000;
/** Of the time that a lease lasts: how often it is renewed, and how long before its end a holder that hears nothing of the database stops. */
const BEAT = 1 / 3;
const MARGIN = 1 / 10;
/** Of the time that a lease lasts: how often the holder looks at its own clock. */
const LOOK = 1 / 20;
/** The owner of everything in a file: no other process can have it open, so what the last process held is free at once. */
const FILE_OWNER = 'file';
/** Leases that ran out so long ago are removed. */
export const FORGOTTEN_MS = 30 * 86_400_000;

interface Held {
  readonly lease: Lease;
  readonly claim: LeaseClaim;
  readonly patient: boolean;
  readonly lose: AbortController;
  /** When the statement was sent that last renewed it. */
  renewedAt: number;
}

/** Takes leases and keeps them alive; see LeaseTable for whose time counts. */
export class Leases {
  /** A lease of this process lasts so long without a sign of life. */
  readonly lastsMs: number;
  /** How often this process has taken over what another had left. */
  takeovers = 0;
  readonly #owner: string;
  readonly #table: LeaseTable;
  readonly #monotonic: () => number;
  readonly #onFreed: () => void;
  readonly #held = new Map<string, Held>();
  readonly #releasing = new Set<Promise<void>>();
  readonly #acquiring = new Set<string>();
  #looking: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #beatAt = -Infinity;
  #closed = false;

  constructor(db: Kysely<LeaseTables>, { owner = uuidv7(), lastsMs = LEASE_MS, clock = () => new Date(), monotonic = () => performance.now(), onFreed = () => undefined }: LeaseOptions = {}) {
    this.#owner = isSqlite(db) ? FILE_OWNER : owner;
    this.lastsMs = lastsMs;
    this.#table = new LeaseTable(db, clock);
    this.#monotonic = monotonic;
    this.#onFreed = onFreed;
  }

  get held(): number {
    return this.#held.size;
  }

  /**
   * Takes a lease; undefined where another process has it, or this one already.
   * It is lost when another has taken it, and, unless `patient`, also when the database cannot be reached for so long that another may:
   * patience is for work whose only effect is kept in a transaction with `guard`.
   */
  async acquire(name: string, { patient = false } = {}): Promise<Lease | undefined> {
    if (this.#closed || this.#held.has(name) || this.#acquiring.has(name)) return undefined;
    this.#acquiring.add(name);
    try {
      const renewedAt = this.#monotonic();
      const row = await this.#table.acquire({ name, owner: this.#owner, lastsMs: this.lastsMs });
      if (!row) return undefined;
      const { epoch, takeovers } = row;
      const lose = new AbortController();
      const lease: Lease = { name, takeovers, lost: lose.signal };
      this.#held.set(name, { lease, claim: { name, owner: this.#owner, epoch }, patient, lose, renewedAt });
      if (takeovers > 0) this.takeovers++;
      this.#looking ??= setInterval(() => this.#look(), this.lastsMs * LOOK).unref();
      return lease;
    } finally {
      this.#acquiring.delete(name);
    }
  }

  /** Within a transaction: makes sure that it is kept only if this process holds the lease at its end. Throws LEASE_LOST. */
  async guard(tx: { readonly isTransaction: true }, name: string): Promise<void> {
    const held = this.#held.get(name);
    if (held && (await this.#table.stands(tx as unknown as Kysely<LeaseTables>, held.claim))) return;
    throw this.#lose(name, held);
  }

  /** Gives it back, for whoever comes next; its work is not done. */
  async release(lease: Lease): Promise<void> {
    if (this.#drop(lease)) await this.#release([lease.name]);
  }

  /** Gives it back for good: its work is done. */
  async forget(lease: Lease): Promise<void> {
    const held = this.#drop(lease);
    if (held) await this.#table.forget(held.claim);
  }

  /** True for one caller in so much time, whatever becomes of it; `giveBack` lets another try. Undefined for all others. */
  async period(name: string, lastsMs: number): Promise<{ readonly giveBack: () => Promise<void> } | undefined> {
    const owner = `period ${uuidv7()}`;
    const row = await this.#table.acquire({ name, owner, lastsMs });
    return row && { giveBack: () => this.#table.release(owner, [name]) };
  }

  /** SQL that is true where this process could take the lease whose row is joined as `table`, or has it. */
  isFree(table: string): RawBuilder<boolean> {
    return this.#table.isFree(table, this.#owner);
  }

  /** Renews everything that is held, in one statement, and finds what was lost. */
  beat(): Promise<void> {
    // A line that is cut without saying so must not hold up the next beat.
    const answer = (): Promise<void> => Promise.race([this.#renew(), sleep(this.lastsMs * BEAT, undefined, { ref: false })]);
    return (this.#beating ??= answer().finally(() => (this.#beating = undefined)));
  }

  /** Removes what nobody has needed for a long time. */
  sweep(): Promise<void> {
    return this.#table.sweep(FORGOTTEN_MS);
  }

  /** The time that all who share the database agree on. */
  now(): Promise<Date> {
    return this.#table.now();
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looking);
    const names = [...this.#held.keys()];
    this.#held.clear();
    // Where that fails they run out by themselves.
    if (names.length > 0) await this.#release(names).catch(() => undefined);
    await Promise.allSettled(this.#releasing);
  }

  async #release(names: readonly string[]): Promise<void> {
    const work = this.#table.release(this.#owner, names).then(() => this.#onFreed());
    this.#releasing.add(work);
    await work.finally(() => this.#releasing.delete(work));
  }

  async #renew(): Promise<void> {
    const asked = [...this.#held.values()];
    const sentAt = this.#monotonic();
    this.#beatAt = sentAt;
    if (asked.length === 0) return;
    const rows = await this.#table.renew(this.#owner, { names: asked.map(({ claim }) => claim.name), lastsMs: this.lastsMs });
    const kept = new Map(rows.map(({ name, epoch }) => [name, epoch]));
    for (const held of asked) {
      if (kept.get(held.claim.name) === held.claim.epoch) held.renewedAt = Math.max(held.renewedAt, sentAt);
      else if (this.#held.get(held.claim.name) === held) this.#lose(held.claim.name, held);
    }
  }

  /** By the own clock: beats when it is time, and gives up what another may take soon. */
  #look(): void {
    const now = this.#monotonic();
    for (const [name, held] of this.#held) if (!held.patient && now - held.renewedAt >= this.lastsMs * (1 - MARGIN)) this.#lose(name, held);
    // A beat that fails is followed by the next; until one succeeds the clock above runs on.
    if (now - this.#beatAt >= this.lastsMs * BEAT) this.beat().catch(() => undefined);
  }

  #lose(name: string, held: Held | undefined): AppError {
    const error = errors.LEASE_LOST({ name });
    if (held && this.#held.get(name) === held) this.#held.delete(name);
    held?.lose.abort(error);
    return error;
  }

  #drop({ name, ...lease }: Lease): Held | undefined {
    const held = this.#held.get(name);
    if (held?.lease.lost !== lease.lost) return undefined;
    this.#held.delete(name);
    return held;
  }
}
