import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { fullName, shortName } from '../calls/names.js';
import type { Session } from '../session.js';

/** Deletes an endpoint: it answers no more. */
export async function deleteEndpoint(session: Session, text: string): Promise<void> {
  const inference = await session.connect(InferenceServiceDefinition);
  const endpoint = await inference.deleteEndpoint({ name: fullName('endpoints', text) }, session.call);
  session.answer(() => Endpoint.toJSON(endpoint), () => `Endpoint ${shortName(endpoint.name)} is deleted: it answers no more. Its predictions stay, and still take labels. A run of its pipeline brings it back.\n`);
}
