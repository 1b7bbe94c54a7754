import { createHash } from 'node:crypto';
import { canonicalJson } from '@millrace/core';
import { featureMessages } from '../file/feature-messages.js';
import type { Step } from './step.js';

/** Applies entities, feature views and feature services; unchanged ones stay as they are. */
export const features: Step = {
  async execute({ version, services }) {
    const { entities, views, services: featureServices } = featureMessages(version.file);
    for (const entity of entities) await services.features.applyEntity({ entity });
    for (const featureView of views) await services.features.applyFeatureView({ featureView });
    for (const featureService of featureServices) await services.features.applyFeatureService({ featureService });
    const { entities: e, feature_views: v, on_demand_views: o, feature_services: s } = version.file;
    return { outputs: { digest: `sha256:${createHash('sha256').update(canonicalJson({ e, v, s, ...(o && { o }) })).digest('hex')}` } };
  },
};
