import { Monitor } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { fullName, shortName } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count, percent, plural } from '../text/figures.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { showDuration } from './view-parts.js';

const COLUMNS: readonly TableColumn[] = [{ title: 'MONITOR' }, { title: 'ENDPOINT' }, { title: 'WINDOW', align: 'right' }, { title: 'LATENESS', align: 'right' }, { title: 'DRIFT' }, { title: 'PERFORMANCE' }];

/** Monitors by name. */
export async function listMonitors(session: Session): Promise<void> {
  const client = await session.connect(MonitorServiceDefinition);
  const { rows } = await readPages(ALL, async (part) => {
    const { monitors, nextPageToken } = await client.listMonitors(part, session.call);
    return { rows: monitors, nextPageToken };
  });
  session.answer(
    () => ({ monitors: rows.map((monitor) => Monitor.toJSON(monitor)) }),
    () => (rows.length === 0 ? 'There is no monitor yet; `monitor:` in the pipeline file says what is watched.\n' : session.table(COLUMNS, rows.map(monitorRow))),
  );
}

/** A monitor with the rules by which it judges its windows. */
export async function showMonitor(session: Session, text: string): Promise<void> {
  const client = await session.connect(MonitorServiceDefinition);
  const monitor = await client.getMonitor({ name: fullName('monitors', text) }, session.call);
  const { name, endpoint, window, lateness, minPredictions, drift, quality, performance } = monitor;
  const facts = [
    ['endpoint', shortName(endpoint)],
    ['window', `${showDuration(window)}, judged ${showDuration(lateness) || 'right'} after its end`],
    ['alerts', minPredictions === 0n ? 'on every window' : `on windows of at least ${plural(minPredictions, 'prediction')}`],
    ['drift', drift ? `${driftText(monitor)} in ${plural(drift.minColumns || 1, 'input')}${drift.ignore.length === 0 ? '' : `, without ${drift.ignore.join(', ')}`}` : 'no alert'],
    ['quality', quality ? `missing more often by ${percent(quality.missingIncrease || 0.1)}, or unseen in ${percent(quality.unseenShare || 0.05)}` : 'no alert'],
    ['outcomes', performance ? `${performanceText(monitor)}, from ${count(performance.minLabels || 1_000n)} labels on` : 'no alert'],
  ];
  session.answer(() => Monitor.toJSON(monitor), () => `Monitor ${session.styled('bold', shortName(name))}\n${facts.map(([fact = '', words = '']) => `  ${fact.padEnd(8)}  ${words}\n`).join('')}${session.styled('dim', `\nNext: millrace monitor reports ${shortName(name)}\n`)}`);
}

const monitorRow = (monitor: Monitor): readonly TableCell[] => [shortName(monitor.name), shortName(monitor.endpoint), showDuration(monitor.window), showDuration(monitor.lateness), driftText(monitor), performanceText(monitor)];

const driftText = ({ drift }: Monitor): string => (drift ? `PSI above ${drift.psi || 0.25}` : '');
const performanceText = ({ performance }: Monitor): string => (performance ? `${performance.metric} ${performance.metric === 'auc' ? 'below' : 'above'} ${performance.threshold}` : '');
