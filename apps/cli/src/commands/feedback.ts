import { InferenceServiceDefinition, SendFeedbackResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { fullName } from '../calls/names.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { count } from '../text/figures.js';

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
    () => `${count(response.accepted)} of ${count(labels.length)} labels taken.${again > 0 ? ` ${count(again)} changed nothing: they had come before, or there is no such prediction.` : ''}\n`,
  );
}
