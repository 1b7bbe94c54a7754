import { ListAlertsResponse, ListMonitorsResponse, ListReportsResponse } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { call, where } from '../client/rest.js';

/** What the page asks about monitors, reports and alerts. Names are resource names, such as `models/late`. */
export const monitorCalls = {
  monitors: () => call('/v1/monitors?pageSize=100', ListMonitorsResponse),
  reports: (monitor: string) => call(`/v1/${monitor}/reports?pageSize=60`, ListReportsResponse),
  alerts: () => call('/v1/alerts?pageSize=100', ListAlertsResponse),
  openAlerts: () => call(`/v1/alerts?pageSize=100&${where('state=OPEN')}`, ListAlertsResponse),
} as const;
