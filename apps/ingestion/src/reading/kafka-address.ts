import type { KafkaConnection } from '@millrace/events';
import { errors } from '../errors.js';
import type { Connection } from './connection.js';

const FORM = /^kafka:\/\/(?:([^:@/]+):([^@/]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const BROKER = /^[^\s,:]+:\d+$/;
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** `kafka://user:password@host:9092,other:9092?tls=on&sasl=scram-sha-512` as a connection; INVALID_SOURCE tells what is wrong with it, and never what it says. */
export function kafkaAddress(name: string, { url, tls, password }: Connection): KafkaConnection {
  const wrong = (why: string): Error => errors.INVALID_SOURCE({ why: `${name} is no address of Kafka: ${why}; one is kafka://host:9092,other:9092` });
  const [, user, said = '', hosts = '', query = ''] = FORM.exec(url) ?? [];
  const brokers = hosts.split(',');
  if (!brokers.every((broker) => BROKER.test(broker))) throw wrong('it has no kafka:// with brokers as host:port');
  const { tls: wanted, sasl = 'scram-sha-512', ...others } = Object.fromEntries(new URLSearchParams(query));
  const [unread] = Object.keys(others);
  if (unread !== undefined) throw wrong(`"${unread}" is not read from it`);
  if (wanted !== undefined && wanted !== 'on' && wanted !== 'off') throw wrong('tls is on or off');
  if (wanted === 'off' && tls) throw wrong(`tls=off contradicts ${name}_CA_FILE`);
  const mechanism = MECHANISMS.find((one) => one === sasl);
  if (mechanism === undefined) throw wrong(`sasl is one of ${MECHANISMS.join(', ')}`);
  const encrypted = wanted === 'on' || tls !== undefined;
  if (user !== undefined && mechanism === 'plain' && !encrypted) throw wrong('sasl=plain would show the password to everybody on the way; say tls=on');
  return {
    brokers,
    clientId: 'millrace-source',
    ...(encrypted ? { tls: tls ?? {} } : {}),
    ...(user === undefined ? {} : { sasl: { mechanism, username: decodeURIComponent(user), password: password ?? decodeURIComponent(said) } }),
  };
}
