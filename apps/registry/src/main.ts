import { runService } from '@millrace/service';
import { registryService } from './index.js';

await runService(registryService);
