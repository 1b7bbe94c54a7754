import { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { fullName, shortName } from '../calls/names.js';
import type { Session } from '../session.js';

/** Deletes a pipeline; runs that have not ended refuse it, or are cancelled by --force. */
export async function deletePipeline(session: Session, text: string, { force = false }: { readonly force?: boolean }): Promise<void> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const pipeline = await pipelines.deletePipeline({ name: fullName('pipelines', text), force }, session.call);
  session.answer(
    () => Pipeline.toJSON(pipeline),
    () => `Pipeline ${shortName(pipeline.name)} is deleted: nothing starts it any more. Its versions, runs and logs stay; so do its endpoint, its monitor and its models.\n`,
  );
}
