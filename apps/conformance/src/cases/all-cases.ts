import { archiveCases } from './archive.cases.js';
import type { Case } from './case.js';
import { deadLetterCases } from './dead-letters.cases.js';
import { featuresCases } from './features.cases.js';
import { gatewayCases } from './gateway.cases.js';
import { inferenceCases } from './inference.cases.js';
import { ingestionCases } from './ingestion.cases.js';
import { listCases } from './lists.cases.js';
import { monitorCases } from './monitor.cases.js';
import { nameCases } from './names.cases.js';
import { pipelinesCases } from './pipelines.cases.js';
import { platformCases } from './platform.cases.js';
import { registryCases } from './registry.cases.js';
import { trainerCases } from './trainer.cases.js';

/** Every case, by what it is about; in this order they run. */
export const allCases: Readonly<Record<string, readonly Case[]>> = {
  ingestion: ingestionCases,
  registry: registryCases,
  features: featuresCases,
  trainer: trainerCases,
  pipelines: pipelinesCases,
  inference: inferenceCases,
  monitor: monitorCases,
  archive: archiveCases,
  platform: platformCases,
  gateway: gatewayCases,
  'dead letters': deadLetterCases,
  names: nameCases,
  lists: listCases,
};
