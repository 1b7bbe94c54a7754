import { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { fullName, lastPart, shortName } from '../calls/names.js';
import type { Session } from '../session.js';
import { word } from '../text/state-word.js';
import { showTime, timeOption } from '../text/times.js';
import { oneLine } from '../text/width.js';

/** What `millrace alert watch` may be told. */
export interface WatchOptions {
  readonly endpoint?: string;
  readonly since?: string;
}

/** Tells alerts as they are raised or changed, until it is interrupted: a line for each, and for programs a document in a line. */
export async function watchAlerts(session: Session, { endpoint, since }: WatchOptions): Promise<void> {
  const changedSince = since === undefined ? undefined : timeOption(since, '--since');
  const monitor = await session.connect(MonitorServiceDefinition);
  session.remark('Waiting for alerts; Ctrl-C ends it.');
  for await (const alert of monitor.watchAlerts({ endpoint: endpoint === undefined ? '' : fullName('endpoints', endpoint), changedSince }, session.call)) {
    session.terminal.out.write(session.json ? `${JSON.stringify(Alert.toJSON(alert))}\n` : lineOf(session, alert));
  }
}

function lineOf(session: Session, { name, kind, state, endpoint, updateTime, createTime, message }: Alert): string {
  const cells = [showTime(updateTime ?? createTime), word(state), lastPart(name), word(kind), shortName(endpoint), oneLine(message)];
  const line = cells.join('  ').trimEnd();
  return `${word(state) === 'OPEN' ? session.styled('bad', line) : line}\n`;
}
