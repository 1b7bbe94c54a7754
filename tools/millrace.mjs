#!/usr/bin/env node
import { resolve } from 'node:path';
import { runInPlace } from './setup/child.mjs';
import { node24, workspaceEnvironment } from './setup/node24.mjs';
import { ROOT, setUpForPeople } from './setup/setup.mjs';

process.exitCode = (await setUpForPeople({ quiet: true })) ? 1 : await command(process.argv.slice(2));

async function command(args) {
  const node = node24(ROOT) ?? process.execPath;
  const { code } = await runInPlace(node, [resolve(ROOT, 'apps/cli/dist/main.js'), ...args], { env: workspaceEnvironment(ROOT, node) });
  return code;
}
