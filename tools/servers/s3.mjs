import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { cacheDir, findProgram } from './cache.mjs';
import { answers, isOpen } from './port.mjs';
import { certificateOf, keyOf } from './tls.mjs';

const VERSION = 'v1.8.0';
const FOLDER = () => join(cacheDir(), `versitygw-${VERSION}`);
const BINARY = () => join(FOLDER(), 'versitygw');
const ACCESS_KEY = 'millrace';
const SECRET_KEY = 'millrace-secret';

/** An S3 server over a plain folder (versitygw, region us-east-1). Its URL carries the access key and the secret: http://KEY:SECRET@HOST:PORT. Options: `tls` (see tls.mjs): https. */
export const s3 = {
  name: 's3',
  stopSignal: 'SIGTERM',
  portCount: () => 1,
  missing: () => (existsSync(BINARY()) ? undefined : `The S3 server versitygw ${VERSION} is not in ${FOLDER()}: node tools/servers/install.mjs s3`),
  packages: () => [],
  async install() {
    if (!findProgram('go')) throw new Error('The S3 server is built by Go, which is not installed: get Go 1.24 or newer from https://go.dev/dl.');
    const fresh = `${FOLDER()}.${process.pid}`;
    mkdirSync(FOLDER(), { recursive: true });
    const { code, output } = await runQuietly('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], { env: { ...process.env, GOBIN: fresh } });
    if (code !== 0) throw new Error(`go could not build versitygw ${VERSION}:\n${output}`);
    renameSync(join(fresh, 'versitygw'), BINARY());
  },
  async prepare(folder, [port], { tls }) {
    const [data, meta] = ['data', 'meta'].map((name) => join(folder, name));
    for (const each of [data, meta]) mkdirSync(each, { recursive: true });
    const args = ['--port', `127.0.0.1:${port}`, '--region', 'us-east-1', '--health', '/health', ...(tls ? ['--cert', certificateOf(tls), '--key', keyOf(tls)] : []), 'posix', '--sidecar', meta, data];
    const isReady = () => (tls ? isOpen(port) : answers(port, 'GET /health HTTP/1.0\r\n\r\n', 'HTTP/1.1 200'));
    return [{ id: '1', port, isReady, log: join(folder, 'server.log'), command: BINARY(), args, env: { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY } }];
  },
  url: ([port], { tls }) => `${tls ? 'https' : 'http'}://${ACCESS_KEY}:${SECRET_KEY}@${tls ? 'localhost' : '127.0.0.1'}:${port}`,
};
