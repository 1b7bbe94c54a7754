import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { GetLineageResponse, PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { AppError } from '@millrace/core';
import { modelRef } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { lineageTree } from './lineage-tree.js';

const PREDICTION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ALIAS = /@|\/aliases\//;

/** All that led to a resource, as a tree with what it was made from below it. */
export async function lineage(session: Session, text: string): Promise<void> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const name = await session.slowly('asking', resolveName(session, text));
  const response = await session.slowly('asking every service', pipelines.getLineage({ name }, session.call));
  session.answer(() => GetLineageResponse.toJSON(response), () => lineageTree(name, response.lineage, { paint: session.paint, ...(session.terminal.out.isTTY ? { width: session.terminal.out.columns } : {}) }));
}

/** The resource name behind a prediction id, or a model with an alias; any other text is a name already. */
async function resolveName(session: Session, text: string): Promise<string> {
  if (PREDICTION_ID.test(text)) return findPrediction(session, text);
  const { version } = ALIAS.test(text) ? modelRef(text) : { version: undefined };
  if (version === undefined) return text;
  const registry = await session.connect(RegistryServiceDefinition);
  return (await registry.getModelVersion({ name: version }, session.call)).name;
}

async function findPrediction(session: Session, id: string): Promise<string> {
  const inference = await session.connect(InferenceServiceDefinition);
  const { rows } = await readPages(ALL, (part) => inference.listEndpoints(part, session.call).then(({ endpoints, nextPageToken }) => ({ rows: endpoints, nextPageToken })));
  for (const { name } of rows) {
    try {
      await inference.getPrediction({ endpoint: name, id }, session.call);
      return `${name}/predictions/${id}`;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
    }
  }
  throw errors.NO_PREDICTION({ id });
}
