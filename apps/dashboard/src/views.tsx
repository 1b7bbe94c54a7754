import { type ComponentType, lazy, type ReactNode } from 'react';
import { Overview } from './views/overview/overview.js';

/** A view with its place in the page. */
export interface View {
  readonly title: string;
  /** Whether it stands in the navigation. */
  readonly listed: boolean;
  /** The letter that leads here after `g`. */
  readonly key?: string;
  readonly show: (below: readonly string[]) => ReactNode;
}

/** Loaders of views that are not opened yet. */
const waiting = new Set<() => Promise<unknown>>();

/** A view whose code comes when it is first opened, or when there is time. */
function later<Props extends object, Module>(load: () => Promise<Module>, pick: (module: Module) => ComponentType<Props>): ComponentType<Props> {
  waiting.add(load);
  // React asks for a component with the name `default`.
  return lazy(async () => ({ default: pick(await load()) })) as unknown as ComponentType<Props>;
}

const DataView = later(() => import('./views/data/data-view.js'), (module) => module.DataView);
const FeaturesView = later(() => import('./views/features/features-view.js'), (module) => module.FeaturesView);
const ServiceView = later(() => import('./views/features/service-view.js'), (module) => module.ServiceView);
const PipelinesView = later(() => import('./views/pipelines/pipelines-view.js'), (module) => module.PipelinesView);
const RunView = later(() => import('./views/pipelines/run-view.js'), (module) => module.RunView);
const ExperimentsView = later(() => import('./views/experiments/experiments-view.js'), (module) => module.ExperimentsView);
const ModelsView = later(() => import('./views/models/models-view.js'), (module) => module.ModelsView);
const EndpointsView = later(() => import('./views/endpoints/endpoints-view.js'), (module) => module.EndpointsView);
const MonitoringView = later(() => import('./views/monitoring/monitoring-view.js'), (module) => module.MonitoringView);

/** Brings the code of every other view, so that a click on one does not wait for it; what cannot be brought now is asked for when it is opened. */
export async function bringViews(): Promise<void> {
  for (const load of waiting) await load().catch(() => undefined);
}

/** The views by the first part of their path. */
export const VIEWS: Readonly<Record<string, View>> = {
  '': { title: 'Overview', listed: true, key: 'o', show: () => <Overview /> },
  data: { title: 'Data', listed: true, key: 'd', show: (below) => <DataView below={below} /> },
  features: { title: 'Features', listed: true, key: 'f', show: ([view]) => <FeaturesView view={view} /> },
  services: { title: 'Feature service', listed: false, show: (below) => <ServiceView below={below} /> },
  pipelines: { title: 'Pipelines', listed: true, key: 'p', show: (below) => <PipelinesView below={below} /> },
  runs: { title: 'Run', listed: false, show: (below) => <RunView below={below} /> },
  experiments: { title: 'Experiments', listed: true, key: 'x', show: ([experiment]) => <ExperimentsView experiment={experiment} /> },
  models: { title: 'Models', listed: true, key: 'm', show: (below) => <ModelsView below={below} /> },
  endpoints: { title: 'Endpoints', listed: true, key: 'e', show: (below) => <EndpointsView below={below} /> },
  monitoring: { title: 'Monitoring', listed: true, key: 'w', show: (below) => <MonitoringView below={below} /> },
};
