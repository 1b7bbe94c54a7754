import { existsSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './child.mjs';
import { contentFingerprint, filesOf, timeFingerprint } from './fingerprint.mjs';
import { installationFits } from './installation.mjs';
import { node24, npmCommand, WANTED_MAJOR, workspaceEnvironment } from './node24.mjs';
import { SetUpError } from './set-up-error.mjs';
import { replaceTree } from './replace-tree.mjs';

/** What buf makes of the contracts: messages for gRPC, and the typed client of the gateway. */
const GENERATED = ['libs/contracts/src/gen', 'libs/client/src/gen'];
/** What server reflection answers from. */
const IMAGE = 'libs/contracts/dist/image.binpb';
const KERNELS = 'libs/ml/src/trees/kernels.wasm.ts';
const DASHBOARD = 'apps/dashboard';
/** The page as the gateway answers it. */
const PAGE = `${DASHBOARD}/dist/page`;

/**
 * What a set-up does, in order. A step is current when its `fingerprint` is the recorded one and what it makes is `present`;
 * `adopt` says that the result is already right though nobody recorded it; `isNeeded` leaves a step out where it has nothing to do.
 * `run` tells its argument the process number of each program that it starts.
 */
export function stepsOf(root) {
  const at = (...parts) => join(root, ...parts);
  const packages = () => contentFingerprint(root, filesOf([at('package-lock.json')]));

  return [
    {
      id: 'packages',
      title: 'Installing the packages (npm ci)',
      isNeeded: () => true,
      fingerprint: packages,
      present: () => existsSync(at('node_modules', '.package-lock.json')),
      adopt: () => installationFits(root),
      run: (onStart) => install(root, onStart),
    },
    {
      id: 'contracts',
      title: 'Generating the contracts (buf)',
      isNeeded: () => existsSync(at('buf.gen.yaml')),
      fingerprint: () => contentFingerprint(root, filesOf([at('proto'), at('third_party'), at('buf.yaml'), at('buf.gen.yaml'), at('tools/client')]), packages()),
      present: () => [...GENERATED, IMAGE].every((made) => existsSync(at(made))),
      run: (onStart) => generateContracts(root, onStart),
    },
    {
      id: 'kernels',
      title: 'Compiling the kernels (AssemblyScript)',
      isNeeded: () => existsSync(at('libs/ml/build-kernels.mjs')),
      fingerprint: () => contentFingerprint(root, kernelSources(root), packages()),
      present: () => existsSync(at(KERNELS)),
      run: (onStart) => compileKernels(root, onStart),
    },
    {
      id: 'build',
      title: 'Building and checking the types (tsc -b)',
      isNeeded: () => true,
      fingerprint: () => timeFingerprint(root, buildSources(root), packages()),
      present: () => projectsOf(root).every((project) => existsSync(at(project, 'dist', '.tsbuildinfo'))),
      run: (onStart) => runNode(root, 'build', { onStart, args: [at('node_modules/typescript-native/bin/tsc'), '-b', at('tsconfig.json')] }),
    },
    {
      id: 'page',
      title: 'Building the page (vite)',
      isNeeded: () => existsSync(at(DASHBOARD, 'vite.config.ts')),
      fingerprint: () => contentFingerprint(root, pageSources(root), packages()),
      present: () => existsSync(at(PAGE, 'index.html')),
      run: (onStart) => buildPage(root, onStart),
    },
  ];
}

/** The folders that the root tsconfig.json names. */
export function projectsOf(root) {
  return JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.map(({ path }) => path);
}

async function install(root, onStart) {
  // While npm works, nothing may look like a finished installation.
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true });
  const { command, args, env } = npmCommand(root);
  await run('packages', command, [...args, 'ci', '--no-progress', '--loglevel=error'], { cwd: root, env, onStart }, 'Check that the npm registry can be reached (`npm ping`) and that package.json and package-lock.json belong together, then start again.');
}

async function generateContracts(root, onStart) {
  const fresh = join(root, '.millrace', 'contracts');
  const buf = join(root, 'node_modules', '.bin', 'buf');
  const options = { cwd: root, env: workspaceEnvironment(root, nodeOrFail(root)), onStart };
  const mend = 'Mend the named file under proto/ and start again.';
  rmSync(fresh, { recursive: true, force: true });
  try {
    await run('contracts', buf, ['generate', '--output', fresh], options, mend);
    await run('contracts', buf, ['build', '--as-file-descriptor-set', '--output', join(fresh, 'image.binpb')], options, mend);
    // Files that did not change keep their time, so that the build stays incremental.
    for (const made of GENERATED) replaceTree(join(fresh, made), join(root, made));
    replaceTree(join(fresh, 'image.binpb'), join(root, IMAGE));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function compileKernels(root, onStart) {
  // The script compares times, and knows of no new compiler: an old time makes it compile.
  if (existsSync(join(root, KERNELS))) utimesSync(join(root, KERNELS), 0, 0);
  return runNode(root, 'kernels', { onStart, args: [join(root, 'libs/ml/build-kernels.mjs')] });
}

/** Made beside and put in place at the end: who serves the page has a whole one at every moment. */
async function buildPage(root, onStart) {
  const fresh = join(root, '.millrace', 'page');
  rmSync(fresh, { recursive: true, force: true });
  try {
    await runNode(root, 'page', { onStart, args: [join(root, 'node_modules/vite/bin/vite.js'), 'build', join(root, DASHBOARD), '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'] });
    replaceTree(fresh, join(root, PAGE));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function runNode(root, step, { args, onStart }) {
  const node = nodeOrFail(root);
  return run(step, node, args, { cwd: root, env: workspaceEnvironment(root, node), onStart }, 'Mend what is named above and start again.');
}

async function run(step, command, args, options, mend) {
  const { code, signal, output } = await runQuietly(command, args, options).catch((cause) => {
    throw new SetUpError(step, `${command} cannot be started: ${cause.message}. ${mend}`, { cause });
  });
  if (signal) throw new SetUpError(step, `Interrupted by ${signal}; nothing was recorded, the next start does it again.`);
  if (code !== 0) throw new SetUpError(step, `It ended with exit code ${code}. ${mend}`, { output });
}

function nodeOrFail(root) {
  const node = node24(root);
  if (node) return node;
  throw new SetUpError('packages', `Node ${WANTED_MAJOR} did not come with the packages (this is ${process.platform} ${process.arch}). Install Node ${WANTED_MAJOR} or newer and start again with it.`);
}

function kernelSources(root) {
  const ml = join(root, 'libs', 'ml');
  const made = join(root, KERNELS);
  return filesOf([ml]).filter((file) => file !== made && /kernel|assembly|asconfig/.test(file.slice(ml.length)));
}

/** Its own files, and the contracts whose messages it reads. */
function pageSources(root) {
  return filesOf([...['src', 'public', 'index.html', 'vite.config.ts', 'tsconfig.json'].map((part) => join(root, DASHBOARD, part)), join(root, 'proto')]);
}

function buildSources(root) {
  const shared = ['tsconfig.json', 'tsconfig.base.json'].map((file) => join(root, file));
  return filesOf([...shared, ...projectsOf(root).flatMap((project) => ['src', 'tsconfig.json', 'package.json'].map((part) => join(root, project, part)))]);
}
