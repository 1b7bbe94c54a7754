import { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { fullName, shortName } from '../calls/names.js';
import type { Session } from '../session.js';

export const pause = (session: Session, pipeline: string): Promise<void> => set(session, pipeline, true);
export const resume = (session: Session, pipeline: string): Promise<void> => set(session, pipeline, false);

async function set(session: Session, name: string, paused: boolean): Promise<void> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const pipeline = await pipelines.pausePipeline({ name: fullName('pipelines', name), paused }, session.call);
  const what = shortName(pipeline.name);
  session.answer(() => Pipeline.toJSON(pipeline), () => (pipeline.paused ? `The triggers of ${what} start nothing until \`millrace resume ${what}\`.\n` : `The triggers of ${what} start runs again.\n`));
}
