import { CheckFeaturesResponse, FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { checkFeatures, type FeatureCheck } from '../calls/check-features.js';
import { fullName, shortVersion } from '../calls/names.js';
import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { count, plural } from '../text/figures.js';

/** The feature store takes no more at once. */
const MAX_SAMPLE = 50_000;

/** What an endpoint served against what history says; fails where they differ. */
export async function checkFeature(session: Session, name: string, { sample: text }: { readonly sample: string }): Promise<ExitCode> {
  const sample = /^\d+$/.test(text) ? Number(text) : 0;
  if (sample < 1 || sample > MAX_SAMPLE) throw errors.WRONG_NUMBER({ text, option: '--sample', wanted: `a whole number from 1 to ${MAX_SAMPLE}` });
  const endpoint = fullName('endpoints', name);
  const [features, inference, ingestion] = await Promise.all([session.connect(FeatureStoreServiceDefinition), session.connect(InferenceServiceDefinition), session.connect(IngestionServiceDefinition)]);
  const check = await session.slowly('comparing what was served with history', checkFeatures({ features, inference, ingestion }, { endpoint, sample, ...session.call }));
  session.answer(() => ({ ...(CheckFeaturesResponse.toJSON(check) as object), later: check.later, notLogged: Object.fromEntries(check.notLogged) }), () => checkText(session, check));
  return check.mismatches === 0n ? EXIT.done : EXIT.failed;
}

function checkText(session: Session, { vectors, values, mismatches, features, datasetVersions, later, notLogged }: FeatureCheck): string {
  const verdict = mismatches === 0n ? session.styled('good', 'all as history says') : session.styled('bad', plural(mismatches, 'mismatch', 'mismatches'));
  const passedOver = later === 0 ? '' : `${plural(later, 'prediction')} of a time that history does not reach yet ${later === 1 ? 'was' : 'were'} passed over.\n`;
  return [
    `${plural(vectors, 'prediction')}, ${plural(values, 'feature value')}, history of ${datasetVersions.map(shortVersion).join(', ')}: ${verdict}\n`,
    passedOver,
    ...[...notLogged].map(([feature, column]) => `${feature} was passed over: its view reads "${column}" of the request, which is no input of the model and so is not logged.\n`),
    features.length === 0 ? '' : session.table(
      [{ title: 'FEATURE' }, { title: 'VALUES', align: 'right' }, { title: 'MISMATCHES', align: 'right' }, { title: 'FIRST', shrink: true }],
      features.map(({ feature, values: all, mismatches: wrong, example }) => [feature, count(all), wrong === 0n ? '0' : { text: count(wrong), style: 'bad' as const }, example]),
    ),
  ].join('');
}
