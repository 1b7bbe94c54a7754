import { toDuration } from '../file/duration.js';
import type { Step } from './step.js';

/** Applies the monitor; it follows the version of its endpoint by itself. */
export const monitor: Step = {
  async execute({ version, services }) {
    const { monitor: spec, endpoint } = version.file;
    if (!spec || !endpoint) return { outputs: {} };
    const { drift, quality, performance } = spec;
    const applied = await services.monitor.applyMonitor({
      monitor: {
        name: `monitors/${spec.name}`,
        endpoint: `endpoints/${endpoint.name}`,
        window: toDuration(spec.window),
        lateness: toDuration(spec.lateness),
        drift: drift && { psi: drift.psi, minColumns: drift.min_columns, ignore: drift.ignore },
        quality: { missingIncrease: quality.missing_increase, unseenShare: quality.unseen_share, ignore: quality.ignore },
        performance: performance && { metric: performance.metric, threshold: performance.at_most ?? performance.at_least ?? 0, minLabels: BigInt(performance.min_labels), wholeInterval: performance.whole_interval },
        minPredictions: BigInt(spec.min_predictions),
      },
    });
    return { outputs: { monitor: applied.name } };
  },
};
