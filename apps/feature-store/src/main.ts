import { runService } from '@millrace/service';
import { featureStoreService } from './index.js';

await runService(featureStoreService);
