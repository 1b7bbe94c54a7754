import { GetReportDistributionsResponse, ListAlertsResponse, ListMonitorsResponse, ListReportsResponse } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { call, type Deed, page, where } from '../client/rest.js';

const REPORTS = 60;
const ALERTS = 25;

/** What the page asks about monitors, reports and alerts. Names are resource names, such as `models/late`. */
export const monitorCalls = {
  monitors: () => call('/v1/monitors?pageSize=100', ListMonitorsResponse),
  reports: (monitor: string, token = '') => call(`/v1/${monitor}/reports?${page(token, REPORTS)}`, ListReportsResponse),
  distributions: (report: string, column: string) => call(`/v1/${report}:distributions${column === SCORE ? '' : `?columns=${encodeURIComponent(column)}`}`, GetReportDistributionsResponse),
  alerts: () => call('/v1/alerts?pageSize=100', ListAlertsResponse),
  openAlerts: () => call(`/v1/alerts?pageSize=100&${where('state=OPEN')}`, ListAlertsResponse),
  alertsWhere: (filter: string, token = '') => call(`/v1/alerts?${page(token, ALERTS)}${filter === '' ? '' : `&${where(filter)}`}`, ListAlertsResponse),
} as const;

/** How the score stands among the inputs. */
export const SCORE = 'score';

/** What the page does to alerts; each is refused where somebody was faster. */
export const alertDeeds = {
  acknowledge: (name: string, etag: string): Deed => ({ path: `/v1/${name}:acknowledge`, body: { etag } }),
  resolve: (name: string, etag: string): Deed => ({ path: `/v1/${name}:resolve`, body: { etag } }),
  mute: (name: string, etag: string, until: Date | undefined): Deed => ({ path: `/v1/${name}:mute`, body: { etag, ...(until ? { until: until.toISOString() } : {}) } }),
} as const;
