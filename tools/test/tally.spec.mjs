import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { closingLine, runTallied, sumOf } from './tally.mjs';

const said = [];
const tallyOf = (script, ms = 30_000) => runTallied('a program', { command: process.execPath, args: ['-e', script], ms, print: (line) => said.push(line) });

describe('What CI counts', () => {
  it('is the sum of what programs say in their last lines, which it shows under their names', async () => {
    said.length = 0;
    const tallies = [await tallyOf(`console.log('at work'); console.log('3 passed, 0 failed, 1 skipped')`), await tallyOf(`console.log('1 passed, 2 failed, 0 skipped'); process.exit(1)`)];
    expect(closingLine(sumOf(tallies))).toBe('4 passed, 2 failed, 1 skipped');
    expect(said[0]).toBe('at work');
    expect(said.filter((line) => /^\d+ passed/.test(line))).toEqual([]);
    expect(said[1]).toContain('── a program: 3 passed, 0 failed, 1 skipped');
  });

  it('has a failure more for a program that breaks, says nothing, or does not end', async () => {
    expect(await tallyOf(`console.log('3 passed, 0 failed, 0 skipped'); process.exit(7)`)).toEqual({ passed: 3, failed: 1, skipped: 0 });
    expect(await tallyOf(`console.log('all went well')`)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(await tallyOf(`setInterval(() => undefined, 1000)`, 300)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(await runTallied('nothing', { command: '/nowhere/at/all', args: [], ms: 1_000, print: () => undefined })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('leaves nothing running of a program that did not end, whatever stood between', async () => {
    said.length = 0;
    const script = `"${process.execPath}" -e "console.log(process.pid); setInterval(() => undefined, 1000)"; true`;
    await runTallied('a shell', { command: 'sh', args: ['-c', script], ms: 2_000, print: (line) => said.push(line) });
    // A dead one that nobody has reaped yet has no command line any more.
    expect(readFileSync(`/proc/${process.pid}/cmdline`, 'utf8')).not.toBe('');
    expect(existsSync(`/proc/${said[0]}`) ? readFileSync(`/proc/${said[0]}/cmdline`, 'utf8') : '').toBe('');
    expect(Number(said[0])).toBeGreaterThan(1);
  });

  it('has a failure, and nothing skipped, for each server that is not there', () => {
    const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('cluster.mjs', import.meta.url))], { encoding: 'utf8', env: { PATH: '', XDG_CACHE_HOME: '/nowhere' } });
    expect(status).toBe(1);
    expect(stdout).toContain('apt-get install --no-install-recommends redis-server');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^0 passed, [45] failed, 0 skipped$/);
  });
});
