import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BOUNDARIES = '@nx/enforce-module-boundaries';
const FIXTURE = join(ROOT, 'tools/test/fixtures/app-imports-app.ts');
/** Where the fixture is said to stand: in a project that may not import one of the two. */
const PLANTED = join(ROOT, 'apps/registry/app-imports-app.ts');

process.env['NX_DAEMON'] = 'false';
process.chdir(ROOT);
// The rule keeps the graph between files only when it believes to run under ESLint's own program; else it reads it again for each.
process.argv[1] = join(ROOT, 'node_modules/eslint/bin/eslint.js');

const planted = await reportsPlantedFault();
const clean = await lintTree();
process.exitCode = planted && clean ? 0 : 1;

/** The boundary rule passes everything when it finds no project graph, so this makes one and sees a planted import reported. */
async function reportsPlantedFault() {
  mkdirSync('.nx', { recursive: true });
  execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'graph', '--file=.nx/graph.json'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [result] = await new ESLint().lintText(readFileSync(FIXTURE, 'utf8'), { filePath: PLANTED });
  const reports = (result?.messages ?? []).filter(({ ruleId }) => ruleId === BOUNDARIES);
  for (const { message } of reports) process.stdout.write(`reported as it must be: ${message.split('\n')[0]}\n`);
  if (reports.length !== 1) process.stdout.write(`${BOUNDARIES} must report one of the two imports in ${FIXTURE}, it reported ${reports.length}: ${JSON.stringify(result?.messages)}\n`);
  return reports.length === 1;
}

async function lintTree() {
  const eslint = new ESLint();
  const results = await eslint.lintFiles(['.']);
  const text = await (await eslint.loadFormatter('stylish')).format(results);
  process.stdout.write(text);
  const count = (key) => results.reduce((sum, result) => sum + result[key], 0);
  process.stdout.write(`${results.length} files, ${count('errorCount')} errors, ${count('warningCount')} warnings\n`);
  return results.length > 0 && count('errorCount') + count('warningCount') === 0;
}
