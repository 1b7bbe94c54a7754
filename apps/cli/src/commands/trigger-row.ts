import type { Trigger } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { shortName } from '../calls/names.js';
import { count } from '../text/figures.js';
import { word } from '../text/state-word.js';
import type { TableCell, TableColumn } from '../text/table.js';
import { showSeconds, showTime } from '../text/times.js';

export const TRIGGER_COLUMNS: readonly TableColumn[] = [{ title: 'TRIGGER' }, { title: 'STARTS A RUN' }, { title: 'NEXT (UTC)' }, { title: 'GUARDS', shrink: true }];

/** A trigger in one line. */
export const triggerRow = (trigger: Trigger): readonly TableCell[] => [shortName(trigger.name), startsOn(trigger), showTime(trigger.nextTime), guardsOf(trigger)];

function startsOn({ kind, cron }: Trigger): string {
  const text = word(kind);
  return text === 'SCHEDULE' ? `schedule ${cron}` : `on ${text.toLowerCase().replace('_', ' ')}`;
}

const DAY_SECONDS = 86_400;

function guardsOf({ guards }: Trigger): string {
  if (!guards) return '';
  const cooldown = Number(guards.cooldownSeconds);
  return [
    cooldown === 0 ? '' : `${cooldown % DAY_SECONDS === 0 ? `${cooldown / DAY_SECONDS} d` : showSeconds(cooldown)} apart`,
    guards.minNewLabels === 0n ? '' : `${count(guards.minNewLabels)} new labels`,
    `${guards.maxConcurrent || 1} at a time`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
