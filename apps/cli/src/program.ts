import { type Command, CommanderError } from 'commander';
import type { Acts } from './acts.js';
import { didYouMean } from './calls/did-you-mean.js';
import { COMPLETE } from './completion/scripts.js';
import { errors } from './errors.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { makeProgram } from './program-tree.js';
import { report } from './report.js';
import { type GlobalOptions, Session } from './session.js';
import type { Terminal } from './terminal.js';

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
    if (args[0] === COMPLETE) return await completeLine(terminal, args.slice(args[1] === '--' ? 2 : 1));
    await makeProgram(terminal, acts).parseAsync(args[0] === '--version' ? ['-V'] : [...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : reportUse(error, terminal, args);
    return report(await didYouMean(error, begun[0]), { terminal, json: args.includes('--json'), address: begun[0]?.address ?? '' });
  } finally {
    begun.forEach((session) => session.close());
  }
}

/** Answers a shell that asks what may stand at the cursor. */
async function completeLine(terminal: Terminal, words: readonly string[]): Promise<ExitCode> {
  const [{ complete }, session] = [await import('./completion/complete.js'), new Session(terminal, whereOf(words))];
  try {
    await complete(session, makeProgram(terminal, () => async () => undefined), words);
    return EXIT.done;
  } finally {
    session.close();
  }
}

/** Where the home is by the options that stand on the line so far. */
function whereOf(words: readonly string[]): GlobalOptions {
  const said = (option: string): string | undefined => words.flatMap((word, i) => (word === option ? (words[i + 1] ?? []) : word.startsWith(`${option}=`) ? word.slice(option.length + 1) : [])).at(-1);
  const given = { address: said('--address'), home: said('--home'), tlsCa: said('--tls-ca'), tlsCert: said('--tls-cert'), tlsKey: said('--tls-key') };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** commander has told people already. */
function reportUse({ message, code }: CommanderError, terminal: Terminal, args: readonly string[]): ExitCode {
  if (args.includes('--json')) {
    const why = code === 'commander.help' ? 'No command was given.' : message.replace(/^error: /, '');
    terminal.out.write(`${JSON.stringify({ error: { code: 'INVALID_ARGUMENT', reason: 'WRONG_USE', message: errors.WRONG_USE({ why }).message } }, undefined, 2)}\n`);
  }
  return EXIT.wrongInput;
}
