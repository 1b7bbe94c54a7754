import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { fullName } from '../calls/names.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';

/** Deletes a feature view, or by its whole name an entity or a feature service; what is used is refused. */
export async function deleteFeature(session: Session, text: string): Promise<void> {
  const name = text.includes('/') ? text : fullName('featureViews', text);
  const features = await session.connect(FeatureStoreServiceDefinition);
  const [collection = ''] = name.split('/');
  switch (collection) {
    case 'entities':
      await features.deleteEntity({ name }, session.call);
      break;
    case 'featureViews':
      await features.deleteFeatureView({ name }, session.call);
      break;
    case 'featureServices':
      await features.deleteFeatureService({ name }, session.call);
      break;
    default:
      throw errors.WRONG_USE({ why: `"${text}" is neither entities/NAME nor featureViews/NAME nor featureServices/NAME.` });
  }
  session.answer(() => ({ deleted: name }), () => `${name} is deleted.\n`);
}
