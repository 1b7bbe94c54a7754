import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { DEFAULT_ADDRESS, type Session } from '../session.js';
import { HomeProcess } from './home-process.js';

/** What `millrace up` may be told. */
export interface UpOptions {
  readonly dataDir?: string;
  readonly httpPort?: string;
  readonly grpcPort?: string;
  readonly sourceRoot?: readonly string[];
}

const ENTRY = fileURLToPath(new URL('../../../standalone/dist/main.js', import.meta.url));

/** Starts every service in one child process, says what to do next when it is ready, and stays until it ends. */
export async function up(session: Session, { dataDir, httpPort, grpcPort, sourceRoot }: UpOptions): Promise<ExitCode> {
  const { terminal, json } = session;
  if (!existsSync(ENTRY)) throw errors.NOT_BUILT({ file: ENTRY });
  for (const [option, port] of [['--http-port', httpPort], ['--grpc-port', grpcPort]] as const) {
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) throw errors.WRONG_NUMBER({ text: port, option, wanted: 'a port from 0 to 65535' });
  }
  const data = resolve(terminal.cwd, dataDir ?? terminal.env['MILLRACE_DATA_DIR'] ?? '.millrace');
  const roots = sourceRoot?.map((root) => resolve(terminal.cwd, root)).join(':');
  const env = {
    // What goes well is said below; a person who wants every line says so.
    LOG_LEVEL: 'warn',
    ...terminal.env,
    MILLRACE_DATA_DIR: data,
    ...(httpPort === undefined ? {} : { MILLRACE_HTTP_PORT: httpPort }),
    ...(grpcPort === undefined ? {} : { MILLRACE_GRPC_PORT: grpcPort }),
    ...(roots === undefined ? {} : { MILLRACE_SOURCE_ROOTS: roots }),
  };
  const begin = Date.now();
  const home = new HomeProcess(ENTRY, { env, cwd: terminal.cwd, interrupted: terminal.interrupted, onLine: (line) => terminal.err.write(`${line}\n`) });
  const ready = await session.slowly('Millrace is starting', home.ready());
  if (ready === undefined) return EXIT.interrupted;
  const { httpAddress, grpcAddress } = ready;
  session.answer(
    () => ({ httpAddress, grpcAddress, dataDir: data, pid: home.pid }),
    () => [
      session.styled('good', `Millrace is ready after ${((Date.now() - begin) / 1_000).toFixed(1)} s.`),
      `  page                ${httpAddress}/`,
      `  REST, and its docs  ${httpAddress}/docs`,
      `  gRPC                ${grpcAddress}`,
      `  data                ${data}`,
      `  sources below       ${(roots ?? terminal.env['MILLRACE_SOURCE_ROOTS'] ?? terminal.cwd).split(delimiter).join(', ')}`,
      '',
      'Next, in another terminal:',
      ...(grpcAddress === DEFAULT_ADDRESS ? [] : [`  export MILLRACE_GRPC_ADDRESS=${grpcAddress}`]),
      '  millrace apply examples/flights/millrace.yaml',
      '  millrace status',
      '',
      'Ctrl-C ends it in order.',
      '',
    ].join('\n'),
  );
  const code = await home.ended;
  if (terminal.interrupted.aborted && code === 0) {
    if (!json) session.remark('Millrace has ended; what was kept is in the data directory.');
    return EXIT.done;
  }
  session.remark(`Millrace ended with code ${code ?? 'of a signal'}.`);
  return EXIT.failed;
}
