import { Command, CommanderError } from 'commander';
import type { Acts } from './acts.js';
import { addArchiveCommands } from './program-archive.js';
import { addDataCommands } from './program-data.js';
import { addFeatureCommands } from './program-features.js';
import { addGenerateCommands } from './program-generate.js';
import { addModelCommands } from './program-models.js';
import { addPipelineCommands } from './program-pipelines.js';
import { addWatchCommands } from './program-watch.js';
import { errors } from './errors.js';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js';
import { report } from './report.js';
import { DEFAULT_ADDRESS, type GlobalOptions, Session } from './session.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

const EXAMPLES = `
Begin with:
  millrace up                                     start everything here
  millrace apply examples/flights/millrace.yaml   say what is wanted
  millrace run late-flights                       make it, and watch
  millrace status                                 see how things stand

${EXIT_CODES_HELP}
`;

/** Runs one command line against a terminal; gives its exit code and never throws. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.done;
  const begun: Session[] = [];
  const acts: Acts = (load) => async (...parts) => {
    const command = parts.at(-1) as Command;
    const session = new Session(terminal, command.optsWithGlobals<GlobalOptions>());
    begun.push(session);
    const act = await load();
    // commander hands over the arguments, the options and the command, in the order in which the command declares them.
    code = (await act(session, ...(parts.slice(0, -1) as never[]))) ?? EXIT.done;
  };
  try {
    await makeProgram(terminal, acts).parseAsync(args[0] === '--version' ? ['-V'] : [...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : reportUse(error, terminal, args);
    return report(error, { terminal, json: args.includes('--json'), address: begun[0]?.address ?? '' });
  } finally {
    begun.forEach((session) => session.close());
  }
}

function makeProgram(terminal: Terminal, acts: Acts): Command {
  const program = new Command('millrace')
    .description('Tabular data to a watched, self-retraining model.')
    .option('--address <host:port>', `where gRPC is served (MILLRACE_GRPC_ADDRESS, or MILLRACE_<SERVICE>_ADDRESS for each service; default ${DEFAULT_ADDRESS})`)
    .option('--tls-ca <file>', 'call by TLS, and trust these authorities (MILLRACE_TLS_CA_FILE)')
    .option('--tls-cert <file>', 'the certificate to show (MILLRACE_TLS_CLIENT_CERT_FILE)')
    .option('--tls-key <file>', 'its key (MILLRACE_TLS_CLIENT_KEY_FILE)')
    .option('--json', 'one JSON document on standard output, for programs')
    // `--version` alone is read below: commands have a --version of their own.
    .version(VERSION, '-V', 'the version of this program')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => terminal.out.write(text), writeErr: (text) => terminal.err.write(text), getOutHelpWidth: () => (terminal.out.isTTY ? terminal.out.columns : 120), getErrHelpWidth: () => (terminal.err.isTTY ? terminal.err.columns : 120) })
    .exitOverride()
    .showHelpAfterError('(add --help to see what may stand here)')
    .addHelpText('after', EXAMPLES);
  addPipelineCommands(program, acts);
  addDataCommands(program, acts);
  addFeatureCommands(program, acts);
  addModelCommands(program, acts);
  addGenerateCommands(program, acts);
  addWatchCommands(program, acts);
  addArchiveCommands(program, acts);
  return program;
}

/** commander has told people already. */
function reportUse({ message, code }: CommanderError, terminal: Terminal, args: readonly string[]): ExitCode {
  if (args.includes('--json')) {
    const why = code === 'commander.help' ? 'No command was given.' : message.replace(/^error: /, '');
    terminal.out.write(`${JSON.stringify({ error: { code: 'INVALID_ARGUMENT', reason: 'WRONG_USE', message: errors.WRONG_USE({ why }).message } }, undefined, 2)}\n`);
  }
  return EXIT.wrongInput;
}
