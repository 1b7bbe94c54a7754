import { Command } from 'commander';
import type { Acts } from './acts.js';
import { addExamples } from './examples.js';
import { EXIT_CODES_HELP } from './exit-code.js';
import { addArchiveCommands } from './program-archive.js';
import { addDataCommands } from './program-data.js';
import { addFeatureCommands } from './program-features.js';
import { addGenerateCommands } from './program-generate.js';
import { addModelCommands } from './program-models.js';
import { addPipelineCommands } from './program-pipelines.js';
import { addShellCommands } from './program-shell.js';
import { addWatchCommands } from './program-watch.js';
import { DEFAULT_ADDRESS } from './session.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

const BEGIN = `
Begin with:
  millrace up                                     start everything here
  millrace init --csv orders.csv                  write a pipeline file
  millrace apply examples/flights/millrace.yaml   say what is wanted
  millrace run late-flights                       make it, and watch
  millrace status                                 see how things stand

${EXIT_CODES_HELP}
`;

/** Every command with its options and its help; what is given is handed to the acts. */
export function makeProgram(terminal: Terminal, acts: Acts): Command {
  const program = new Command('millrace')
    .description('Tabular data to a watched, self-retraining model.')
    .option('--address <host:port>', `where gRPC is served (MILLRACE_GRPC_ADDRESS, or MILLRACE_<SERVICE>_ADDRESS for each service; default ${DEFAULT_ADDRESS})`)
    .option('--home <url>', 'the same as a URL: grpc://host:port, or grpcs:// for TLS; http:// and https:// mean the same, for a home is asked by gRPC')
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
    .addHelpText('after', BEGIN);
  addPipelineCommands(program, acts);
  addDataCommands(program, acts);
  addFeatureCommands(program, acts);
  addModelCommands(program, acts);
  addGenerateCommands(program, acts);
  addWatchCommands(program, acts);
  addArchiveCommands(program, acts);
  addShellCommands(program, acts);
  addExamples(program);
  return program;
}
