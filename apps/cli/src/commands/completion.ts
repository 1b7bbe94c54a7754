import { SCRIPTS, type Shell } from '../completion/scripts.js';
import type { Session } from '../session.js';

/** The script by which a shell completes command lines. */
export async function completion(session: Session, shell: Shell): Promise<void> {
  session.answer(() => ({ shell, script: SCRIPTS[shell] }), () => SCRIPTS[shell]);
}
