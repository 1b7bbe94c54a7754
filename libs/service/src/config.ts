import { z } from 'zod';
import { errors } from './errors.js';
import type { AnyService } from './service.js';

const port = z.coerce.number().int().min(0).max(65_535);

/** What every process reads from the environment; 0 as a port means any free one. */
export const homeConfig = z.object({
  MILLRACE_DATA_DIR: z.string().min(1).default('.millrace').describe('Directory of everything that is kept.'),
  MILLRACE_HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  MILLRACE_HTTP_PORT: port.default(4300).describe('Port of REST, metrics and health.'),
  MILLRACE_GRPC_PORT: port.default(4301).describe('Port of gRPC.'),
  MILLRACE_SHUTDOWN_SECONDS: z.coerce.number().min(0).max(300).default(10).describe('How long calls in flight may take at the end.'),
  MILLRACE_OBJECTS_UNNAMED_DAYS: z.coerce.number().int().min(0).max(3_650).default(7).describe('Objects that no dataset, model or run names are deleted after so many days; 0 keeps them for ever.'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info').describe('From which level on lines are logged.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Where traces go; without it there are none.'),
});
export type HomeConfig = z.infer<typeof homeConfig>;

/** Variables as a process has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Reads the configuration of the home and of each service; throws CONFIGURATION_INVALID with every fault of all of them. */
export function readConfig(services: readonly AnyService[], env: Env): { readonly home: HomeConfig; readonly of: (service: AnyService) => never } {
  const faults: string[] = [];
  const read = (schema: z.ZodType): unknown => {
    const result = schema.safeParse(env);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      const fault = `  ${path.join('.')}: ${message}`;
      if (!faults.includes(fault)) faults.push(fault);
    }
    return undefined;
  };
  const home = read(homeConfig) as HomeConfig;
  const own = new Map(services.map((service) => [service, read(service.config)]));
  if (faults.length > 0) throw errors.CONFIGURATION_INVALID({ faults: faults.join('\n') });
  return { home, of: (service) => own.get(service) as never };
}
