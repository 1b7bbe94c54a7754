import { createHash } from 'node:crypto';
import { canonicalJson, isError } from '@millrace/core';
import { featureMessages, valuesOf } from '../file/feature-messages.js';
import type { Step } from './step.js';

/** Applies entities, feature views and feature services; unchanged ones stay as they are, and so do owners and tags of which the file says nothing. */
export const features: Step = {
  async execute({ version, services: { features: store } }) {
    const { entities, views, services } = featureMessages(version.file);
    for (const entity of entities) await store.applyEntity({ entity: await described(entity, (name) => store.getEntity({ name })) });
    for (const featureView of views) await store.applyFeatureView({ featureView: await described(featureView, (name) => store.getFeatureView({ name })) });
    for (const featureService of services) await store.applyFeatureService({ featureService: await described(featureService, (name) => store.getFeatureService({ name })) });
    const { entities: e, feature_views: v, on_demand_views: o, feature_services: s } = version.file;
    // Another owner makes no other values.
    return { outputs: { digest: `sha256:${createHash('sha256').update(canonicalJson({ e: valuesOf(e), v: valuesOf(v), s, ...(o && { o: valuesOf(o) }) })).digest('hex')}` } };
  },
};

interface Described {
  readonly name: string;
  readonly owner: string;
  readonly tags: { readonly [key: string]: string };
}

/** A definition with the owner and the tags that it has already, where the file says none. */
async function described<T extends Described>(definition: T, get: (name: string) => Promise<Described>): Promise<T> {
  const saysOwner = definition.owner !== '';
  const saysTags = Object.keys(definition.tags).length > 0;
  if (saysOwner && saysTags) return definition;
  const there = await get(definition.name).catch((error: unknown) => {
    if (isError(error, 'features.millrace', 'DEFINITION_NOT_FOUND')) return undefined;
    throw error;
  });
  return { ...definition, owner: saysOwner ? definition.owner : (there?.owner ?? ''), tags: saysTags ? definition.tags : (there?.tags ?? {}) };
}
