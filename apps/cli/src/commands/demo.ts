import { errors } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';

/** The flights' story from end to end. */
export async function demo({ json, terminal, home = 'embedded' }: Session, { keep = false }: { readonly keep?: boolean }): Promise<ExitCode> {
  if (home !== 'embedded' && home !== 'cluster') throw errors.WRONG_USE({ why: `--home ${home} is no home of the demo; give embedded for one process with everything in it, or cluster.` });
  const [{ runDemo }, { closingTables }] = await Promise.all([import('../demo/run-demo.js'), import('../demo/closing-tables.js')]);
  const { faults } = await runDemo({
    keep,
    home,
    signal: terminal.interrupted,
    out: json ? terminal.err : terminal.out,
    onResult: ({ summary, faults: found }) => terminal.out.write(json ? `${JSON.stringify({ ...summary, faults: found })}\n` : closingTables(summary, found)),
  });
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}
