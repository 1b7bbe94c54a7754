import { uuidv7 } from '@millrace/core';
import type { Monitor } from './monitor.js';
import type { ReportWindow } from './report-window.js';

export type AlertKind = 'DRIFT' | 'PERFORMANCE' | 'QUALITY';
export type AlertState = 'OPEN' | 'ACKNOWLEDGED' | 'RESOLVED';

/** Something that a person or a pipeline should know. While it is not resolved, later windows of the same kind refresh it. */
export interface Alert {
  readonly alert: string;
  readonly monitor: string;
  readonly endpoint: string;
  readonly report: string;
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly message: string;
  /** The end of the window. */
  readonly eventTime: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly revision: number;
  /** Until then windows refresh it and nobody is told; milliseconds since 1970. */
  readonly muteUntil?: number | undefined;
}

/** So far ahead an alert can be muted: whoever mutes it promises to look again. */
export const MAX_MUTE_DAYS = 90;

/** Whether nobody is to be told of an alert at a time. */
export const isMuted = ({ muteUntil }: Alert, now: Date): boolean => muteUntil !== undefined && now.getTime() < muteUntil;

/** What a rule says of a window; undefined when there is nothing to say. */
export interface Verdict {
  readonly kind: AlertKind;
  readonly raised: boolean;
  readonly message: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** What becomes of the open alert of a kind: raised, refreshed, resolved, or nothing. */
export function follow(open: Alert | undefined, verdict: Verdict, { monitor, window, now }: { readonly monitor: Monitor; readonly window: ReportWindow; readonly now: Date }): Alert | undefined {
  const found = { report: window.report, message: verdict.message, eventTime: window.to, figures: verdict.figures, updateTime: now };
  if (verdict.raised) {
    if (open) return { ...open, ...found, revision: open.revision + 1 };
    return { alert: uuidv7(), monitor: monitor.monitor, endpoint: monitor.endpoint, kind: verdict.kind, state: 'OPEN', createTime: now, revision: 1, ...found };
  }
  return open && { ...open, state: 'RESOLVED', message: `back within limits: ${verdict.message}`, updateTime: now, revision: open.revision + 1 };
}
