import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { AppError } from '@millrace/core';
import type { StepContext } from './step.js';

/** The version that the alias of the pipeline points at; undefined before the first. */
export async function findChampion({ services, version }: StepContext): Promise<ModelVersion | undefined> {
  const { model, alias } = version.file.register;
  try {
    return await services.registry.getModelVersion({ name: `models/${model}/aliases/${alias}` });
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
