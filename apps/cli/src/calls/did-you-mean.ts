import { AppError, nearest } from '@millrace/core';
import type { Session } from '../session.js';

/** Of a resource that is not there: the same error with the name that was most likely meant; any other error as it is. */
export async function didYouMean(error: unknown, session: Session | undefined): Promise<unknown> {
  if (!session || !(error instanceof AppError) || error.code !== 'NOT_FOUND') return error;
  // Loaded only now, with all contracts: most commands end well.
  const { COLLECTIONS, listNames } = await import('./list-names.js');
  const [collection, name = ''] = (error.metadata['name'] ?? '').split('/');
  const known = COLLECTIONS.find((each) => each === collection);
  // Ids that nobody types are not near to one another.
  if (known === undefined || known === 'pipelineRuns' || known === 'alerts') return error;
  // What cannot be looked up takes nothing from the error that is told.
  const names: readonly string[] = await listNames(session, known).catch(() => []);
  const meant = names.includes(name) ? undefined : nearest(name, names);
  if (meant === undefined) return error;
  return new AppError(error.code, error.domain, error.reason, `${error.message} Did you mean "${meant}"?`, { ...error.metadata, did_you_mean: meant }, { cause: error });
}
