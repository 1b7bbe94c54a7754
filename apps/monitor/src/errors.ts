import { defineErrors } from '@millrace/core';

export const errors = defineErrors('monitor.millrace', {
  MONITOR_NOT_FOUND: { code: 'NOT_FOUND', message: 'Monitor {name} does not exist; apply it first.' },
  REPORT_NOT_FOUND: { code: 'NOT_FOUND', message: 'Report {name} does not exist; list the reports of its monitor to see which do.' },
  ALERT_NOT_FOUND: { code: 'NOT_FOUND', message: 'Alert {name} does not exist; list alerts to see which do.' },
  INVALID_MONITOR: { code: 'INVALID_ARGUMENT', message: 'Monitor {name} is wrong at {place}: {why}.' },
  ALERT_RESOLVED: { code: 'FAILED_PRECONDITION', message: 'Alert {name} is RESOLVED; a matter that comes back opens a new one.' },
  MUTE_TIME: { code: 'INVALID_ARGUMENT', message: 'An alert is muted until a time that is ahead, by at most {days} days; {until} is not. Give another time, or none to end the mute.' },
  ALERT_CHANGED: { code: 'ABORTED', message: 'Alert {name} was changed meanwhile; read it again and repeat.' },
  MONITOR_CHANGED: { code: 'ABORTED', message: 'Monitor {name} was changed meanwhile; read it again and repeat.' },
  TIME_MISSING: { code: 'INVALID_ARGUMENT', message: 'Say through which time the windows are to be closed.' },
  REFERENCE_UNREADABLE: { code: 'FAILED_PRECONDITION', message: 'The reference {digest} cannot be read: {why}. Register the version again, or give the monitor another reference.' },
});
