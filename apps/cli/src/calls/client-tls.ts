import { LiveTls, type NamedFile } from '@millrace/tls';
import { errors } from '../errors.js';

/** Files that a command line names. */
export interface TlsOptions {
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Whom calls trust and what they show, by options or else by the variables that services read too; undefined for calls without TLS. */
export async function clientTls({ tlsCa, tlsCert, tlsKey }: TlsOptions, env: Readonly<Record<string, string | undefined>>): Promise<LiveTls | undefined> {
  const named = (option: string, given: string | undefined, variable: string): NamedFile | undefined => {
    const file = given ?? env[variable];
    return file === undefined ? undefined : { variable: given === undefined ? variable : option, file };
  };
  const ca = named('--tls-ca', tlsCa, 'MILLRACE_TLS_CA_FILE');
  const cert = named('--tls-cert', tlsCert, 'MILLRACE_TLS_CLIENT_CERT_FILE');
  const key = named('--tls-key', tlsKey, 'MILLRACE_TLS_CLIENT_KEY_FILE');
  const lone = [cert, key].filter((each) => each !== undefined);
  if (lone[0] && (lone.length === 1 || ca === undefined)) throw errors.TLS_INCOMPLETE({ given: lone[0].variable });
  if (ca === undefined) return undefined;
  return LiveTls.open({ ca, cert, key });
}
