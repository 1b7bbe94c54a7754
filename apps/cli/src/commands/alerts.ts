import { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { fullName, lastPart, shortName } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { stateCell, word } from '../text/state-word.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';
import { spanOption } from './span.js';

/** What `millrace alert list` may be told. */
export interface AlertsOptions {
  readonly state?: string;
  readonly endpoint?: string;
  readonly limit: string;
}

export const ALERT_COLUMNS: readonly TableColumn[] = [{ title: 'ALERT' }, { title: 'KIND' }, { title: 'STATE' }, { title: 'ENDPOINT' }, { title: 'WINDOW TO (UTC)' }, { title: 'MESSAGE' }];

/** An alert in one line. */
export const alertRow = ({ name, kind, state, muteUntil, endpoint, eventTime, message }: Alert): readonly TableCell[] => [lastPart(name), word(kind), muteUntil && muteUntil > new Date() ? `${word(state)}, muted to ${showTime(muteUntil)}` : stateCell(state), shortName(endpoint), showTime(eventTime), message];

/** Alerts, newest first. */
export async function listAlerts(session: Session, { state, endpoint, limit: text }: AlertsOptions): Promise<void> {
  const limit = limitOption(text);
  const filter = [...(state === undefined ? [] : [`state=${state.toUpperCase()}`]), ...(endpoint === undefined ? [] : [`endpoint=${fullName('endpoints', endpoint)}`])].join(' AND ');
  const monitor = await session.connect(MonitorServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { alerts, nextPageToken } = await monitor.listAlerts({ ...part, filter }, session.call);
    return { rows: alerts, nextPageToken };
  });
  session.answer(
    () => ({ alerts: rows.map((alert) => Alert.toJSON(alert)) }),
    () => (rows.length === 0 ? `There is no alert${filter === '' ? '' : ' of this kind'}; \`millrace monitor reports MONITOR\` shows what the windows measured.\n` : session.table(ALERT_COLUMNS, rows.map(alertRow)) + moreLine(more, limit)),
  );
}

/** One alert with the figures that decided. */
export async function showAlert(session: Session, name: string): Promise<void> {
  const monitor = await session.connect(MonitorServiceDefinition);
  const alert = await monitor.getAlert({ name: fullName('alerts', name) }, session.call);
  const figures = Object.entries(alert.figures);
  session.answer(
    () => Alert.toJSON(alert),
    () => `${session.table(ALERT_COLUMNS, [alertRow(alert)])}\n  monitor  ${shortName(alert.monitor)}\n  since    ${showTime(alert.createTime)} UTC\n${alert.muteUntil ? `  muted    until ${showTime(alert.muteUntil)} UTC\n` : ''}${figures.length === 0 ? '' : session.title('Figures') + session.table([{ title: 'FIGURE' }, { title: 'VALUE', align: 'right' }], figures.map(([figure, value]) => [figure, String(value)]))}`,
  );
}

/** Says that somebody looks after an alert. */
export async function acknowledge(session: Session, name: string): Promise<void> {
  const monitor = await session.connect(MonitorServiceDefinition);
  tell(session, await monitor.acknowledgeAlert({ name: fullName('alerts', name) }, session.call));
}

/** Says that an alert is settled. */
export async function resolve(session: Session, name: string): Promise<void> {
  const monitor = await session.connect(MonitorServiceDefinition);
  tell(session, await monitor.resolveAlert({ name: fullName('alerts', name) }, session.call));
}

/** Tells nobody of an alert for a while, or tells of it again. */
export async function mute(session: Session, name: string, { for: length, end = false }: { readonly for: string; readonly end?: boolean }): Promise<void> {
  const until = end ? undefined : new Date(Date.now() + spanOption(length, '--for') * 1_000);
  const monitor = await session.connect(MonitorServiceDefinition);
  tell(session, await monitor.muteAlert({ name: fullName('alerts', name), until }, session.call));
}

const tell = (session: Session, alert: Alert): void => session.answer(() => Alert.toJSON(alert), () => session.table(ALERT_COLUMNS, [alertRow(alert)]));
