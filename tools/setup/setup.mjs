import { fileURLToPath, pathToFileURL } from 'node:url';
import { majorOf, OLDEST_MAJOR } from './node24.mjs';
import { setUp } from './set-up.mjs';
import { SetUpError } from './set-up-error.mjs';

/** The folder of the workspace. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

const LINES_SHOWN = 200;

/** Sets the workspace up and tells people on stderr what it does; gives the SetUpError when it cannot, after having explained it. */
export async function setUpForPeople({ quiet = false } = {}) {
  const start = performance.now();
  const say = (line) => process.stderr.write(`[setup] ${line}\n`);
  try {
    if (majorOf(process.versions.node) < OLDEST_MAJOR) {
      throw new SetUpError('node', `This is Node ${process.versions.node}, and Millrace needs ${OLDEST_MAJOR} or newer: install one from https://nodejs.org and start again.`);
    }
    const done = await setUp(ROOT, { say });
    if (done > 0) say(`Ready after ${seconds(start)} s.`);
    else if (!quiet) say(`Nothing to do (${seconds(start)} s).`);
    return undefined;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    const lines = error.output.trimEnd().split('\n');
    if (error.output) process.stderr.write(`${lines.slice(-LINES_SHOWN).join('\n')}\n`);
    say(`Failed at step "${error.step}". ${error.message}`);
    return error;
  }
}

function seconds(start) {
  return ((performance.now() - start) / 1000).toFixed(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = (await setUpForPeople()) ? 1 : 0;
