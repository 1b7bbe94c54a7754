import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGINT'];

/** Runs a program to its end and gives its exit code and all it printed; a signal to this process reaches it. `onStart` learns its process number. */
export function runQuietly(command, args, { onStart, ...options } = {}) {
  return watched(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }, onStart);
}

/** Runs a program in the place of this one: same terminal, same signals, its exit code. */
export function runInPlace(command, args, options) {
  return watched(command, args, { ...options, stdio: 'inherit' });
}

function watched(command, args, options, onStart = () => undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    if (child.pid !== undefined) onStart(child.pid);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
    // A terminal hands Ctrl-C to the child itself: sent twice it would mean "at once" to programs that end in order.
    const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    const done = () => FORWARDED.forEach((signal) => process.off(signal, forward));
    child.once('error', (error) => (done(), reject(error)));
    child.once('close', (code, signal) => (done(), resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), signal, output })));
  });
}
