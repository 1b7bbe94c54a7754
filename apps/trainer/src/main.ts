import { runService } from '@millrace/service';
import { trainerService } from './index.js';

await runService(trainerService);
