import { canonicalJson, type PageRequest } from '@millrace/core';
import { type Alert, MAX_MUTE_DAYS } from './alert.js';
import type { AlertFilter, AlertStore } from './alert.store.js';
import type { AlertFeed, Watch } from './alert-feed.js';
import { type Distributions, distributionsOf } from './distribution.js';
import { errors } from './errors.js';
import { alertName, type Monitor, type MonitorDraft, monitorName, reportName } from './monitor.js';
import type { MonitorStore } from './monitor.store.js';
import { mustFind, type ObservationService } from './observation.service.js';
import type { References } from './references.js';
import { ranked, type ReportWindow } from './report-window.js';
import type { ReportWindowStore } from './report-window.store.js';

const DAY_MS = 86_400_000;

/** Loads, asks and saves monitors, reports and alerts. */
export class MonitorService {
  constructor(
    private readonly monitors: MonitorStore,
    private readonly windows: ReportWindowStore,
    private readonly alerts: AlertStore,
    private readonly observations: ObservationService,
    private readonly references: References,
    private readonly feed: AlertFeed,
    private readonly clock: () => Date,
  ) {
    observations.onAlert = (alert) => this.feed.publish(alert);
  }

  /** Creates a monitor, or updates it; an unchanged one stays as it is. A reference that cannot be read is refused here: later it would stand in the way of every prediction. */
  async apply(draft: MonitorDraft, etag: string): Promise<Monitor> {
    await this.references.check(draft.reference);
    const found = await this.monitors.find(draft.monitor);
    if (etag !== '' && etag !== String(found?.revision)) throw errors.MONITOR_CHANGED({ name: monitorName.format(draft) });
    const next: Monitor = { ...draft, createTime: found?.createTime ?? this.clock(), revision: (found?.revision ?? 0) + 1 };
    if (found && canonicalJson({ ...next, revision: found.revision }) === canonicalJson(found)) return found;
    await this.monitors.save(next);
    return next;
  }

  get(monitor: string): Promise<Monitor> {
    return mustFind(this.monitors, monitor);
  }

  list(page: PageRequest): Promise<readonly Monitor[]> {
    return this.monitors.list(page);
  }

  async getReport(report: string): Promise<ReportWindow> {
    const found = await this.windows.find(report);
    if (!found) throw errors.REPORT_NOT_FOUND({ name: reportName.format({ report }) });
    return found;
  }

  async listReports(monitor: string, page: PageRequest): Promise<readonly ReportWindow[]> {
    await this.get(monitor);
    return this.windows.list(monitor, page);
  }

  /** How inputs and scores were spread in a window, beside the reference of the version that answered most; throws REPORT_NOT_FOUND. */
  async distributions(report: string): Promise<Distributions> {
    const window = await this.getReport(report);
    const [version, main] = ranked(window)[0] ?? [];
    if (version === undefined || main === undefined) return { version: '', columns: [], score: undefined };
    const reference = (await this.references.of(await this.get(window.monitor), [version])).get(version);
    return { version, ...(reference ? distributionsOf(reference, main.summary) : { columns: [], score: undefined }) };
  }

  async closeWindows(monitor: string, through: Date | undefined): Promise<readonly ReportWindow[]> {
    if (!through) throw errors.TIME_MISSING({});
    return this.observations.close(await this.get(monitor), through.getTime());
  }

  async getAlert(alert: string): Promise<Alert> {
    const found = await this.alerts.find(alert);
    if (!found) throw errors.ALERT_NOT_FOUND({ name: alertName.format({ alert }) });
    return found;
  }

  listAlerts(filter: AlertFilter, page: PageRequest): Promise<readonly Alert[]> {
    return this.alerts.list(filter, page);
  }

  /** Acknowledges or resolves; what is so already stays as it is. */
  async setAlert(alert: string, { state, etag }: { readonly state: 'ACKNOWLEDGED' | 'RESOLVED'; readonly etag: string }): Promise<Alert> {
    const found = await this.getAlert(alert);
    return found.state === state ? found : this.#change(found, { state }, etag);
  }

  /** Keeps an alert quiet until a time, or no longer; what is so already stays as it is. Throws MUTE_TIME, ALERT_RESOLVED, ALERT_CHANGED. */
  async muteAlert(alert: string, { until, etag }: { readonly until: Date | undefined; readonly etag: string }): Promise<Alert> {
    const found = await this.getAlert(alert);
    const now = this.clock().getTime();
    const muteUntil = until?.getTime();
    if (found.muteUntil === muteUntil) return found;
    if (muteUntil !== undefined && !(muteUntil > now && muteUntil <= now + MAX_MUTE_DAYS * DAY_MS)) throw errors.MUTE_TIME({ days: String(MAX_MUTE_DAYS), until: Number.isNaN(muteUntil) ? 'what was given' : new Date(muteUntil).toISOString() });
    return this.#change(found, { muteUntil }, etag);
  }

  /** Alerts as they are raised or changed from now on, and before that those that changed since a time. */
  watchAlerts(endpoint: string, watch: Watch): AsyncIterable<Alert> {
    return this.feed.follow((alert) => endpoint === '' || alert.endpoint === endpoint, watch);
  }

  async #change(found: Alert, change: Partial<Pick<Alert, 'state' | 'muteUntil'>>, etag: string): Promise<Alert> {
    if (found.state === 'RESOLVED') throw errors.ALERT_RESOLVED({ name: alertName.format(found) });
    if (etag !== '' && etag !== String(found.revision)) throw errors.ALERT_CHANGED({ name: alertName.format(found) });
    const next: Alert = { ...found, ...change, updateTime: this.clock(), revision: found.revision + 1 };
    await this.alerts.change(next);
    this.feed.publish(next);
    return next;
  }
}
