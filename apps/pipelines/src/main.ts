import { runService } from '@millrace/service';
import { pipelinesService } from './index.js';

await runService(pipelinesService);
