import { Inject } from '@nestjs/common';
import { parseFilter, parsePage, toPage } from '@millrace/core';
import {
  type AcknowledgeAlertRequest,
  type ApplyMonitorRequest,
  type CloseWindowsRequest,
  type GetAlertRequest,
  type GetMonitorRequest,
  type GetReportDistributionsRequest,
  type GetReportRequest,
  type ListAlertsRequest,
  type ListMonitorsRequest,
  type ListReportsRequest,
  MonitorServiceDefinition,
  type MuteAlertRequest,
  type ResolveAlertRequest,
  type WatchAlertsRequest,
} from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import type { Call, Handlers } from '@millrace/rpc';
import { GrpcController } from '@millrace/service';
import { alertName, monitorName, reportName } from './monitor.js';
import { MonitorService } from './monitor.service.js';
import { parseMonitor, toAlert, toDistribution, toMonitor, toReport } from './monitor.wire.js';

@GrpcController(MonitorServiceDefinition)
export class MonitorController implements Handlers<typeof MonitorServiceDefinition> {
  constructor(@Inject(MonitorService) private readonly monitors: MonitorService) {}

  async applyMonitor({ monitor }: ApplyMonitorRequest) {
    return toMonitor(await this.monitors.apply(parseMonitor(monitor), monitor?.etag ?? ''));
  }

  async getMonitor({ name }: GetMonitorRequest) {
    return toMonitor(await this.monitors.get(monitorName.parse(name).monitor));
  }

  async listMonitors(request: ListMonitorsRequest) {
    const page = parsePage(request, 'ListMonitors');
    const { rows, nextPageToken } = toPage(await this.monitors.list(page), page, ({ monitor }) => monitor);
    return { monitors: rows.map(toMonitor), nextPageToken };
  }

  async getReport({ name }: GetReportRequest) {
    return toReport(await this.monitors.getReport(reportName.parse(name).report));
  }

  async listReports(request: ListReportsRequest) {
    const page = parsePage(request, 'ListReports');
    const found = await this.monitors.listReports(monitorName.parse(request.parent).monitor, page);
    const { rows, nextPageToken } = toPage(found, page, ({ from }) => String(from));
    return { reports: rows.map(toReport), nextPageToken };
  }

  async getReportDistributions({ name, columns: wanted }: GetReportDistributionsRequest) {
    const { version, columns, score } = await this.monitors.distributions(reportName.parse(name).report);
    const only = new Set(wanted);
    return { modelVersion: version, columns: columns.filter(({ column }) => only.size === 0 || only.has(column)).map(toDistribution), score: score && toDistribution(score) };
  }

  async closeWindows({ name, through }: CloseWindowsRequest) {
    return { reports: (await this.monitors.closeWindows(monitorName.parse(name).monitor, through)).map(toReport) };
  }

  async getAlert({ name }: GetAlertRequest) {
    return toAlert(await this.monitors.getAlert(alertName.parse(name).alert));
  }

  async listAlerts(request: ListAlertsRequest) {
    const page = parsePage(request, 'ListAlerts');
    const { endpoint, monitor, state } = parseFilter(request.filter, ['endpoint', 'monitor', 'state']);
    const found = await this.monitors.listAlerts({ endpoint, state, monitor: monitor === undefined ? undefined : monitorName.parse(monitor).monitor }, page);
    const { rows, nextPageToken } = toPage(found, page, ({ alert }) => alert);
    return { alerts: rows.map(toAlert), nextPageToken };
  }

  async acknowledgeAlert({ name, etag }: AcknowledgeAlertRequest) {
    return toAlert(await this.monitors.setAlert(alertName.parse(name).alert, { state: 'ACKNOWLEDGED', etag }));
  }

  async resolveAlert({ name, etag }: ResolveAlertRequest) {
    return toAlert(await this.monitors.setAlert(alertName.parse(name).alert, { state: 'RESOLVED', etag }));
  }

  async muteAlert({ name, etag, until }: MuteAlertRequest) {
    return toAlert(await this.monitors.muteAlert(alertName.parse(name).alert, { until, etag }));
  }

  async *watchAlerts({ endpoint, changedSince }: WatchAlertsRequest, { signal }: Call) {
    for await (const alert of this.monitors.watchAlerts(endpoint, { changedSince, signal })) yield toAlert(alert);
  }
}
