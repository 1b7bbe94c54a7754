import type { EventRecord } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import { currentTraceparent } from '@millrace/rpc';
import type { Alias, ModelVersion } from './model.js';
import { toAlias, toModelVersion, toMove } from './registry.wire.js';

const SOURCE = '/millrace/registry';

export const encodeVersionRegistered = (version: ModelVersion): EventRecord => toRecord(catalogue.registry.modelVersionRegistered, SOURCE, { modelVersion: toModelVersion({ version, aliases: [] }) }, { traceparent: currentTraceparent() });

export function encodeAliasMoved(alias: Alias): EventRecord {
  const [last] = alias.history;
  return toRecord(catalogue.registry.modelAliasMoved, SOURCE, { alias: { ...toAlias(alias), history: [] }, move: last && toMove(alias.model, last) }, { traceparent: currentTraceparent() });
}
