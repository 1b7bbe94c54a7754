import { runService } from '@millrace/service';
import { monitorService } from './index.js';

await runService(monitorService);
