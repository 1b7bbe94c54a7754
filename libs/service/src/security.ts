import { AppError } from '@millrace/core';
import { LiveTls, type NamedFile, readSecret, readTls, type TlsFiles, type TlsMaterial } from '@millrace/tls';
import type { Logger } from 'pino';
import type { HomeConfig } from './config.js';
import { errors } from './errors.js';
import type { RedisAccess } from './redis-address.js';

/** How PostgreSQL is spoken to: by TLS when there is `tls`, as who knows the password when there is one. */
export interface Access {
  readonly tls?: TlsMaterial;
  /** Read anew each time, so that a new password is used by the next connection. */
  readonly password?: () => Promise<string>;
}

/** How a user of Kafka shows who he is. */
export interface Sasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** Whom a process trusts and what it shows, read from the files that its environment names. Passwords and keys are in here and nowhere else. */
export interface Security {
  /** What gRPC and HTTP are served with; with a CA, callers must show a certificate. */
  readonly server: LiveTls | undefined;
  /** What other services are called with. */
  readonly client: LiveTls | undefined;
  readonly database: Access;
  readonly redis: RedisAccess;
  readonly kafka: { readonly tls?: TlsMaterial; readonly sasl?: Sasl };
  close(): void;
}

type FileVariable = Extract<keyof HomeConfig, `MILLRACE_${string}_FILE`>;

/** Reads and checks every file; throws CONFIGURATION_INVALID with all of their faults. Certificates of gRPC and HTTP are followed from then on. */
export async function openSecurity(home: HomeConfig, log: Logger): Promise<Security> {
  const faults: string[] = [];
  const named = (variable: FileVariable): NamedFile | undefined => {
    const file = home[variable];
    return file === undefined ? undefined : { variable, file };
  };
  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      faults.push(`  ${error.message}`);
      return undefined;
    }
  };
  const material = (given: TlsFiles): Promise<TlsMaterial | undefined> => attempt(readTls(given));
  const live = (what: string, given: TlsFiles): Promise<LiveTls | undefined> =>
    attempt(LiveTls.open(given, { onFault: (err) => log.error({ err }, `renewed certificates for ${what} cannot be used; the old ones stay`), onRenewed: () => log.info(`renewed certificates for ${what} are used from now on`) }));
  const secret = async (variable: FileVariable): Promise<(() => Promise<string>) | undefined> => {
    const from = named(variable);
    return from && (await attempt(readSecret(from))) !== undefined ? () => readSecret(from) : undefined;
  };

  const ownCert = named('MILLRACE_TLS_CERT_FILE');
  const ownKey = named('MILLRACE_TLS_KEY_FILE');
  const server = ownCert && (await live('serving', { cert: ownCert, key: ownKey, ca: named('MILLRACE_TLS_CLIENT_CA_FILE') }));
  const trusted = named('MILLRACE_TLS_CA_FILE');
  const client = trusted && (await live('calling', { ca: trusted, cert: named('MILLRACE_TLS_CLIENT_CERT_FILE') ?? ownCert, key: named('MILLRACE_TLS_CLIENT_KEY_FILE') ?? ownKey }));
  const database = await material({ ca: named('MILLRACE_DATABASE_CA_FILE'), cert: named('MILLRACE_DATABASE_CERT_FILE'), key: named('MILLRACE_DATABASE_KEY_FILE') });
  const redis = await material({ ca: named('MILLRACE_REDIS_CA_FILE'), cert: named('MILLRACE_REDIS_CERT_FILE'), key: named('MILLRACE_REDIS_KEY_FILE') });
  const kafka = await material({ ca: named('MILLRACE_KAFKA_CA_FILE'), cert: named('MILLRACE_KAFKA_CERT_FILE'), key: named('MILLRACE_KAFKA_KEY_FILE') });
  // The objects library reads it by itself, also in jobs; what is wrong with it is to be heard at the start.
  await material({ ca: named('MILLRACE_S3_CA_FILE') });
  const [databasePassword, redisPassword, kafkaPassword] = [await secret('MILLRACE_DATABASE_PASSWORD_FILE'), await secret('MILLRACE_REDIS_PASSWORD_FILE'), await secret('MILLRACE_KAFKA_SASL_PASSWORD_FILE')];
  const close = (): void => [server, client].forEach((each) => each?.close());
  if (faults.length > 0) {
    close();
    throw errors.CONFIGURATION_INVALID({ faults: [...new Set(faults)].join('\n') });
  }
  const { MILLRACE_KAFKA_TLS: kafkaTls, MILLRACE_KAFKA_SASL_MECHANISM: mechanism, MILLRACE_KAFKA_SASL_USERNAME: username = '', MILLRACE_KAFKA_SASL_PASSWORD: plain = '' } = home;
  return {
    server,
    client,
    database: { ...(database?.ca === undefined ? {} : { tls: database }), ...(databasePassword ? { password: databasePassword } : {}) },
    redis: { ...(redis?.ca === undefined ? {} : { tls: redis }), ...(redisPassword ? { password: await redisPassword() } : {}) },
    kafka: {
      ...(kafka && (kafkaTls === 'on' || kafka.ca !== undefined) ? { tls: kafka } : {}),
      ...(mechanism === undefined ? {} : { sasl: { mechanism, username, password: kafkaPassword ? await kafkaPassword() : plain } }),
    },
    close,
  };
}
