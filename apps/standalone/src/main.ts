import { runProcess } from '@millrace/service';
import { services } from './services.js';

await runProcess(services, ({ grpcAddress, httpAddress }) => {
  process.stdout.write(`Millrace is ready: HTTP ${httpAddress}, gRPC ${grpcAddress}\n`);
});
