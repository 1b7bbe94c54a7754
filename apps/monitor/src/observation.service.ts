import { type EventRecord, uuidBound } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Kysely, Transaction } from 'kysely';
import { type Alert, follow, isMuted } from './alert.js';
import { AlertStore } from './alert.store.js';
import { errors } from './errors.js';
import type { MonitorTables } from './migrations.js';
import { type Monitor, monitorName } from './monitor.js';
import { encodeAlertRaised, encodeDrift, encodePerformance } from './monitor.events.js';
import type { MonitorStore } from './monitor.store.js';
import type { References } from './references.js';
import { findingsOf, type LabelledScore, newWindow, type Observation, type ReportWindow, startOf, withLabels, withPredictions } from './report-window.js';
import { ReportWindowStore } from './report-window.store.js';
import { verdictsOf } from './rules.js';

/** A label as the monitor takes it. */
export interface ObservedLabel {
  readonly id: string;
  readonly value: number;
  /** When the outcome was known; milliseconds since 1970. */
  readonly knownTime: number | undefined;
}

const CONSUMER = 'monitor';
/** Rows in one statement. */
const CHUNK = 500;

/** Counts predictions and labels into windows, closes and judges windows. */
export class ObservationService {
  readonly #watermarks = new Map<string, number>();
  /** Told of every alert that was raised or changed. */
  onAlert: (alert: Alert) => void = () => undefined;

  constructor(
    private readonly store: Store<MonitorTables>,
    private readonly monitors: MonitorStore,
    private readonly windows: ReportWindowStore,
    private readonly references: References,
    private readonly clock: () => Date,
  ) {}

  /** Counts the predictions of one event, once however often it comes. */
  async predictions(eventId: string, endpoint: string, observations: readonly Observation[]): Promise<void> {
    const monitors = await this.monitors.ofEndpoint(endpoint);
    const versions = observations.map(({ modelVersion }) => modelVersion);
    const references = new Map(await Promise.all(monitors.map(async (monitor) => [monitor.monitor, await this.references.of(monitor, versions)] as const)));
    await this.store.once(CONSUMER, eventId, async (tx) => {
      const fresh = await this.#keep(tx, endpoint, observations);
      const labels = await takeWaiting(tx, fresh.map(({ id }) => id));
      for (const monitor of monitors) {
        for (const [start, own] of groupBy(fresh, ({ eventTime }) => startOf(monitor, eventTime))) {
          const window = (await ReportWindowStore.at(tx, monitor.monitor, start)) ?? newWindow(monitor, start);
          const now = this.clock().getTime();
          const counted = withPredictions(window, own, { references: references.get(monitor.monitor) ?? new Map(), now });
          const scored = own.flatMap((observation): LabelledScore[] => {
            const label = labels.get(observation.id);
            return label ? [{ ...observation, ...label }] : [];
          });
          await ReportWindowStore.put(tx, scored.length > 0 ? withLabels(counted, scored, now) : counted);
        }
      }
    });
    await this.#advance(endpoint, monitors, observations);
  }

  /** Counts the labels of one event, once; those whose predictions have not come yet wait for them. */
  async labels(eventId: string, endpoint: string, labels: readonly ObservedLabel[]): Promise<void> {
    const monitors = await this.monitors.ofEndpoint(endpoint);
    await this.store.once(CONSUMER, eventId, async (tx) => {
      const observed = await findObserved(tx, labels.map(({ id }) => id));
      const known = labels.flatMap(({ id, value, knownTime }) => {
        const row = observed.get(id);
        return row ? [{ ...row, value, knownTime }] : [];
      });
      const waiting = labels.filter(({ id }) => !observed.has(id)).map(({ id, value, knownTime }) => ({ id, endpoint, value, known_time: knownTime ?? null }));
      for (let start = 0; start < waiting.length; start += CHUNK) await tx.insertInto('waiting_label').values(waiting.slice(start, start + CHUNK)).onConflict((conflict) => conflict.column('id').doNothing()).execute();
      for (const monitor of monitors) {
        for (const [start, own] of groupBy(known, ({ eventTime }) => startOf(monitor, eventTime))) {
          const window = await ReportWindowStore.at(tx, monitor.monitor, start);
          if (window) await ReportWindowStore.put(tx, withLabels(window, own, this.clock().getTime()));
        }
      }
    });
  }

  /** Closes and judges the windows that end at or before a time; gives their reports. */
  async close(monitor: Monitor, through: number): Promise<readonly ReportWindow[]> {
    const closed: ReportWindow[] = [];
    for (const start of await this.windows.open(monitor.monitor, through)) {
      if (start + monitor.windowMs > through) continue;
      const window = await this.#close(monitor, start);
      if (window) closed.push(window);
    }
    return closed;
  }

  /** Forgets predictions that were answered before a time, and labels that waited in vain for them; windows keep their counts. Gives how many. */
  async forgetBefore(time: Date): Promise<number> {
    const bound = uuidBound(time);
    let forgotten = 0;
    for (let deleted = CHUNK; deleted === CHUNK; forgotten += deleted) {
      const old = await this.store.db.selectFrom('observed').select('id').where('id', '<', bound).orderBy('id').limit(CHUNK).execute();
      if (old.length > 0) await this.store.db.deleteFrom('observed').where('id', 'in', old.map(({ id }) => id)).execute();
      deleted = old.length;
    }
    await this.store.db.deleteFrom('waiting_label').where('id', '<', bound).execute();
    return forgotten;
  }

  async #close(monitor: Monitor, start: number): Promise<ReportWindow | undefined> {
    const found = await this.windows.find(newWindow(monitor, start).report);
    if (!found) return undefined;
    const references = await this.references.of(monitor, Object.keys(found.versions));
    const result = await this.store.write(async (tx, emit) => {
      const changed: Alert[] = [];
      const window = await ReportWindowStore.at(tx, monitor.monitor, start);
      if (!window || window.state === 'CLOSED') return undefined;
      const now = this.clock();
      const findings = findingsOf(window, { monitor, references });
      const events: EventRecord[] = [];
      for (const verdict of verdictsOf(window, { monitor, findings })) {
        const open = await AlertStore.open(tx, monitor.monitor, verdict.kind);
        const alert = follow(open, verdict, { monitor, window, now });
        if (!alert) continue;
        await AlertStore.put(tx, alert);
        changed.push(alert);
        if (!open) events.push(encodeAlertRaised(alert));
      }
      const raised = changed.filter(({ state }) => state !== 'RESOLVED');
      const closed: ReportWindow = { ...window, state: 'CLOSED', findings: { ...findings, alerts: raised.map(({ alert }) => alert) }, updateTime: now.getTime() };
      await ReportWindowStore.put(tx, closed);
      const told = raised.filter((alert) => !isMuted(alert, now));
      if (told.some(({ kind }) => kind === 'DRIFT')) events.push(encodeDrift(closed, monitor));
      if (told.some(({ kind }) => kind === 'PERFORMANCE')) events.push(encodePerformance(closed, monitor));
      events.forEach((event) => emit(event));
      return { closed, changed };
    });
    result?.changed.forEach((alert) => this.onAlert(alert));
    return result?.closed;
  }

  /** Event time goes on with the newest prediction: windows whose lateness has passed are closed. */
  async #advance(endpoint: string, monitors: readonly Monitor[], observations: readonly Observation[]): Promise<void> {
    const newest = Math.max(this.#watermarks.get(endpoint) ?? 0, ...observations.map(({ eventTime }) => eventTime));
    this.#watermarks.set(endpoint, newest);
    for (const monitor of monitors) await this.close(monitor, newest - monitor.latenessMs);
  }

  async #keep(tx: Transaction<MonitorTables>, endpoint: string, observations: readonly Observation[]): Promise<readonly Observation[]> {
    const fresh = new Set<string>();
    for (let start = 0; start < observations.length; start += CHUNK) {
      const rows = observations.slice(start, start + CHUNK).map(({ id, modelVersion, eventTime, score }) => ({ id, endpoint, model_version: modelVersion, event_time: eventTime, score }));
      const added = await tx.insertInto('observed').values(rows).onConflict((conflict) => conflict.column('id').doNothing()).returning('id').execute();
      added.forEach(({ id }) => fresh.add(id));
    }
    return observations.filter(({ id }) => fresh.delete(id));
  }
}

/** Throws MONITOR_NOT_FOUND. */
export async function mustFind(monitors: MonitorStore, monitor: string): Promise<Monitor> {
  const found = await monitors.find(monitor);
  if (!found) throw errors.MONITOR_NOT_FOUND({ name: monitorName.format({ monitor }) });
  return found;
}

/** Labels that waited for predictions; those that an older release kept do not say when they were known. */
async function takeWaiting(tx: Kysely<MonitorTables>, ids: readonly string[]): Promise<ReadonlyMap<string, Pick<LabelledScore, 'value' | 'knownTime'>>> {
  const found = new Map<string, Pick<LabelledScore, 'value' | 'knownTime'>>();
  for (let start = 0; start < ids.length; start += CHUNK) {
    const rows = await tx.deleteFrom('waiting_label').where('id', 'in', ids.slice(start, start + CHUNK)).returning(['id', 'value', 'known_time']).execute();
    rows.forEach(({ id, value, known_time: knownTime }) => found.set(id, { value, knownTime: knownTime ?? undefined }));
  }
  return found;
}

async function findObserved(tx: Kysely<MonitorTables>, ids: readonly string[]) {
  const found = new Map<string, { readonly modelVersion: string; readonly eventTime: number; readonly score: number }>();
  for (let start = 0; start < ids.length; start += CHUNK) {
    const rows = await tx.selectFrom('observed').selectAll().where('id', 'in', ids.slice(start, start + CHUNK)).execute();
    for (const { id, model_version: modelVersion, event_time: eventTime, score } of rows) found.set(id, { modelVersion, eventTime, score });
  }
  return found;
}

function groupBy<T>(values: readonly T[], key: (value: T) => number): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group) group.push(value);
    else groups.set(key(value), [value]);
  }
  return groups;
}
