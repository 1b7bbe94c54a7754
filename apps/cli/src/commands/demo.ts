import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';

/** The flights' story from end to end. */
export async function demo({ json, terminal }: Session, { keep = false, home }: { readonly keep?: boolean; readonly home?: string }): Promise<ExitCode> {
  const [{ runDemo }, { closingTables }] = await Promise.all([import('../demo/run-demo.js'), import('../demo/closing-tables.js')]);
  const { faults } = await runDemo({
    keep,
    home: home === 'cluster' ? 'cluster' : 'embedded',
    signal: terminal.interrupted,
    out: json ? terminal.err : terminal.out,
    onResult: ({ summary, faults: found }) => terminal.out.write(json ? `${JSON.stringify({ ...summary, faults: found })}\n` : closingTables(summary, found)),
  });
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}
