import type { Logger } from 'pino';
import type { HomeConfig } from './config.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\])$/;

/** Whether only this machine reaches what listens there. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Warns of a process that takes calls from other machines without asking for certificates: whoever reaches its ports may do everything. */
export function warnOfOpenDoors({ MILLRACE_HOST: host, MILLRACE_TLS_CERT_FILE: cert, MILLRACE_TLS_CLIENT_CA_FILE: clients }: HomeConfig, log: Logger): void {
  if (isLoopback(host) || (cert !== undefined && clients !== undefined)) return;
  const [how, what] = cert === undefined ? ['without TLS and ', 'MILLRACE_TLS_CERT_FILE, MILLRACE_TLS_KEY_FILE and '] : ['', ''];
  log.warn({ host }, `calls from other machines are taken ${how}from anybody; set ${what}MILLRACE_TLS_CLIENT_CA_FILE, or let only those reach the ports who may do everything`);
}
