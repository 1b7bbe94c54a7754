import { InferenceServiceDefinition, SendFeedbackResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { fullName } from '../calls/names.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { count, plural } from '../text/figures.js';

const WORDS: Readonly<Record<string, number>> = { true: 1, false: 0 };

/** Reads `ID=VALUE`. */
export function parseLabel(text: string): { readonly predictionId: string; readonly value: number } {
  const at = text.indexOf('=');
  const written = text.slice(at + 1).trim();
  const value = WORDS[written] ?? (written === '' ? Number.NaN : Number(written));
  if (at < 1 || !Number.isFinite(value)) throw errors.WRONG_LABEL({ text });
  return { predictionId: text.slice(0, at).trim(), value };
}

/** Sends what really happened to earlier predictions. */
export async function feedback(session: Session, endpoint: string, { label }: { readonly label: readonly string[] }): Promise<void> {
  const labels = label.map(parseLabel);
  const inference = await session.connect(InferenceServiceDefinition);
  const response = await inference.sendFeedback({ endpoint: fullName('endpoints', endpoint), labels: labels.map((one) => ({ ...one })) }, session.call);
  const again = labels.length - Number(response.accepted);
  session.answer(
    () => SendFeedbackResponse.toJSON(response),
    () => `${count(response.accepted)} of ${plural(labels.length, 'label')} taken.${again > 0 ? ` The first label of a prediction counts; ${plural(again, 'label')} came for one that had its label already.` : ''}\n`,
  );
}
