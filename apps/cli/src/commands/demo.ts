import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';

/** The flights' story from end to end. */
export async function demo({ json }: Session, { keep = false }: { readonly keep?: boolean }): Promise<ExitCode> {
  const { runDemo } = await import('../demo/run-demo.js');
  const { faults } = await runDemo({ keep, json });
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}
