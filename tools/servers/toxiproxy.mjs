import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../setup/child.mjs';
import { cacheDir, findProgram } from './cache.mjs';

const VERSION = 'v2.5.0';
const FOLDER = () => join(cacheDir(), `toxiproxy-${VERSION}`);
const BINARY = () => join(FOLDER(), 'toxiproxy-server');

/** Toxiproxy: stands between two programs and harms their connections when it is told to, by HTTP at its URL. */
export const toxiproxy = {
  name: 'toxiproxy',
  stopSignal: 'SIGTERM',
  portCount: () => 1,
  missing: () => (existsSync(BINARY()) ? undefined : `Toxiproxy ${VERSION} is not in ${FOLDER()}: node tools/servers/install.mjs toxiproxy`),
  packages: () => [],
  async install() {
    if (!findProgram('go')) throw new Error('Toxiproxy is built by Go, which is not installed: get Go 1.24 or newer from https://go.dev/dl.');
    const fresh = `${FOLDER()}.${process.pid}`;
    mkdirSync(FOLDER(), { recursive: true });
    const { code, output } = await runQuietly('go', ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@${VERSION}`], { env: { ...process.env, GOBIN: fresh } });
    if (code !== 0) throw new Error(`go could not build Toxiproxy ${VERSION}:\n${output}`);
    renameSync(join(fresh, 'server'), BINARY());
  },
  async prepare(folder, [port]) {
    return [{ id: '1', port, log: join(folder, 'server.log'), command: BINARY(), args: ['-host', '127.0.0.1', '-port', String(port)] }];
  },
  url: ([port]) => `http://127.0.0.1:${port}`,
};
