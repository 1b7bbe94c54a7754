import type { Session } from '../session.js';

/** The flights' story from end to end. */
export async function demo({ json }: Session, { keep = false }: { readonly keep?: boolean }): Promise<number> {
  const { runDemo } = await import('../demo/run-demo.js');
  return runDemo({ keep, json });
}
