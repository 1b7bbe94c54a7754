import { z } from 'zod';
import { errors } from './errors.js';
import { checkSecurity, securityVariables } from './security-variables.js';
import type { AnyService } from './service.js';

const port = z.coerce.number().int().min(0).max(65_535);

/** What every process reads from the environment; 0 as a port means any free one. */
const homeVariables = z.object({
  MILLRACE_DATA_DIR: z.string().min(1).default('.millrace').describe('Directory of everything that is kept.'),
  MILLRACE_HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  MILLRACE_HTTP_PORT: port.default(4300).describe('Port of REST, metrics and health.'),
  MILLRACE_HTTP_HOSTS: z.string().regex(/^[^\s,:/]+(,[^\s,:/]+)*$/).optional().describe('Names that HTTP is called by, divided by commas. Addresses and localhost always hold; without any, no other name does on 127.0.0.1, and every one elsewhere.'),
  MILLRACE_HTTP_ORIGINS: z.string().regex(/^https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*$/).optional().describe('Origins whose pages may call HTTP from a browser, such as https://tools.example, divided by commas.'),
  MILLRACE_GRPC_PORT: port.default(4301).describe('Port of gRPC.'),
  MILLRACE_SHUTDOWN_SECONDS: z.coerce.number().min(0).max(300).default(10).describe('How long calls in flight may take at the end.'),
  MILLRACE_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional().describe('PostgreSQL in the place of SQLite files, such as postgresql://user@host/database; each service has a schema of its own there.'),
  MILLRACE_KAFKA_BROKERS: z.string().regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/).optional().describe('Kafka in the place of the bus in a file, as host:port, several divided by commas.'),
  MILLRACE_KAFKA_PREFIX: z.string().regex(/^[A-Za-z0-9._-]*$/).default('').describe('In front of every topic and group, so that several installations can share a cluster.'),
  MILLRACE_KAFKA_REPLICATION: z.coerce.number().int().min(1).max(9).optional().describe('Copies of topics that are made; by default what the cluster says.'),
  MILLRACE_S3_BUCKET: z.string().min(3).optional().describe('A bucket in the place of a directory for objects; AWS_ACCESS_KEY_ID and its like, or a role, give access.'),
  MILLRACE_S3_ENDPOINT: z.url().optional().describe('Another S3 server than that of AWS.'),
  MILLRACE_S3_PREFIX: z.string().default('').describe('In front of every key, such as team-a/.'),
  AWS_REGION: z.string().default('us-east-1').describe('The region of the bucket.'),
  MILLRACE_REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional().describe('A Redis for online features in the place of the memory of one process, such as redis://user:password@host:6379/0, or rediss:// for TLS; needed for more than one feature store.'),
  MILLRACE_REDIS_PREFIX: z.string().regex(/^[A-Za-z0-9._:-]*$/).default('millrace:').describe('In front of every key of Redis, so that several installations can share a server.'),
  MILLRACE_OBJECTS_UNNAMED_DAYS: z.coerce.number().int().min(0).max(3_650).default(7).describe('Objects that no dataset, model or run names are deleted after so many days; 0 keeps them for ever.'),
  MILLRACE_LEASE_SECONDS: z.coerce.number().min(1).max(3_600).default(30).describe('So long after its last sign of life the work of an instance is taken over by another, where they share a database.'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info').describe('From which level on lines are logged.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Where traces go; without it there are none.'),
  ...securityVariables,
});

/** The same, and what does not go together. */
export const homeConfig = homeVariables.superRefine((given, context) => checkSecurity(given, (variable, message) => context.addIssue({ code: 'custom', path: [variable], message })));
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
