import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir, findProgram } from './cache.mjs';
import { runQuietly } from '../setup/child.mjs';
import { authorityOf, certificateOf, keyOf } from './tls.mjs';

const VERSION = '4.4.0';
const JARS = () => join(cacheDir(), `kafka-${VERSION}`);
/** Any UUID of 22 base64url characters: the parts of a cluster must agree on one. */
const CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

/**
 * Apache Kafka (KRaft: every part is a broker and a controller), from the artefacts on Maven Central.
 * Options: `brokers` (1 or 3), `heap`; `advertised`, the ports by which clients come to the brokers when something stands between;
 * `tls` (see tls.mjs): clients come by TLS, as `user` by SASL, or without one by a certificate.
 */
export const kafka = {
  name: 'kafka',
  stopSignal: 'SIGTERM',
  portCount: ({ brokers = 1 }) => 2 * brokers,
  missing() {
    if (!findProgram('java')) return 'Kafka needs Java 17 or newer: apt-get install --no-install-recommends default-jre-headless';
    if (!existsSync(JARS())) return `Kafka ${VERSION} is not in ${JARS()}: node tools/servers/install.mjs kafka`;
    return undefined;
  },
  packages: () => [...(findProgram('java') ? [] : ['default-jre-headless']), ...(findProgram('mvn') || existsSync(JARS()) ? [] : ['maven'])],
  async install() {
    const fresh = `${JARS()}.${process.pid}`;
    mkdirSync(dirname(fresh), { recursive: true });
    const pom = fileURLToPath(new URL('kafka-pom.xml', import.meta.url));
    const { code, output } = await runQuietly('mvn', ['-q', '-B', '-f', pom, `-Dkafka.version=${VERSION}`, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${fresh}`]);
    if (code !== 0) throw new Error(`mvn could not fetch Kafka ${VERSION}:\n${output}`);
    rmSync(JARS(), { recursive: true, force: true });
    renameSync(fresh, JARS());
  },
  async prepare(folder, ports, { heap = '512m', advertised = [], tls, user }) {
    const parts = Array.from({ length: ports.length / 2 }, (_, index) => ({ id: index + 1, home: join(folder, String(index + 1)), port: ports[2 * index], advertised: advertised[index] ?? ports[2 * index], controller: ports[2 * index + 1] }));
    const logging = join(folder, 'log4j2.properties');
    writeFileSync(logging, LOGGING);
    const java = (options, main, ...args) => ({ command: 'java', args: [...options, '-cp', join(JARS(), '*'), `-Dlog4j2.configurationFile=${logging}`, '-XX:TieredStopAtLevel=1', '-Xshare:auto', main, ...args] });
    for (const part of parts) await format(part, parts, { java, tls, user });
    return parts.map(({ id, home, port }) => ({ id: String(id), port, log: join(home, 'server.log'), ...java([`-Xmx${heap}`, '-XX:+UseSerialGC'], 'kafka.Kafka', join(home, 'server.properties')) }));
  },
  url: (ports, { tls }) => ports.filter((_, index) => index % 2 === 0).map((port) => `${tls ? 'localhost' : '127.0.0.1'}:${port}`).join(','),
};

async function format(part, parts, { java, tls, user }) {
  const { home } = part;
  if (existsSync(join(home, 'data', 'meta.properties'))) return;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'data'), { recursive: true });
  const properties = join(home, 'server.properties');
  writeFileSync(properties, Object.entries({ ...propertiesOf(part, parts), ...(tls ? securityOf(part, { tls, user }) : {}) }).map(([key, value]) => `${key}=${value}\n`).join(''));
  const { command, args } = java(['-Xmx128m'], 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties, ...(user ? scramOf(user) : []));
  const { code, output } = await runQuietly(command, args);
  if (code !== 0) throw new Error(`Kafka's storage in ${home} could not be formatted:\n${output}`);
}

function propertiesOf({ id, home, port, advertised, controller }, parts) {
  const replicas = parts.length < 3 ? 1 : 3;
  const inSync = replicas === 3 ? 2 : 1;
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': parts.map((part) => `${part.id}@127.0.0.1:${part.controller}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertised}`,
    'log.dirs': join(home, 'data'),
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // A broker that is killed and started again at once must not wait for its old session to end.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
}

/** Clients and the other brokers come by one listener, encrypted; controllers speak among themselves in the clear. */
function securityOf({ home, port, controller }, { tls, user }) {
  // Kafka wants the key and the certificate in one file.
  const shown = join(home, 'shown.pem');
  writeFileSync(shown, readFileSync(keyOf(tls), 'utf8') + readFileSync(certificateOf(tls), 'utf8'), { mode: 0o600 });
  const name = user ? 'SASL_SSL' : 'SSL';
  return {
    listeners: `${name}://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `${name}://localhost:${port}`,
    'listener.security.protocol.map': `${name}:${name},CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': name,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': shown,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authorityOf(tls),
    ...(user ? saslOf(user) : { 'ssl.client.auth': 'required' }),
  };
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

function saslOf({ name, password }) {
  const login = `username="${name}" password="${password}"`;
  return {
    'sasl.enabled.mechanisms': MECHANISMS.join(','),
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${login} user_${name}="${password}";`,
    ...Object.fromEntries(MECHANISMS.slice(1).map((mechanism) => [`listener.name.sasl_ssl.${mechanism.toLowerCase()}.sasl.jaas.config`, 'org.apache.kafka.common.security.scram.ScramLoginModule required;'])),
  };
}

const scramOf = ({ name, password }) => MECHANISMS.slice(1).flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]);

const LOGGING = `rootLogger.level = WARN
rootLogger.appenderRef.o.ref = o
appender.o.type = Console
appender.o.name = o
appender.o.layout.type = PatternLayout
appender.o.layout.pattern = %d %p %m (%c{1})%n
`;
