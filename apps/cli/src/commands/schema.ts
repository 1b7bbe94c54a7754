import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import type { Session } from '../session.js';

/** The JSON Schema of pipeline files, for an editor or a check in CI; it is JSON for people too. */
export async function schema(session: Session): Promise<void> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const { jsonSchema } = await pipelines.getPipelineFileSchema({}, session.call);
  const document: unknown = JSON.parse(jsonSchema);
  session.answer(() => document, () => `${JSON.stringify(document, undefined, 2)}\n`);
}
