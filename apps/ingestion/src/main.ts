import { runService } from '@millrace/service';
import { ingestionService } from './index.js';

await runService(ingestionService);
