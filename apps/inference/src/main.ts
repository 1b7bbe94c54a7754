import { runService } from '@millrace/service';
import { inferenceService } from './index.js';

await runService(inferenceService);
