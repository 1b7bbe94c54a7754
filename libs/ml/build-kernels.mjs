// Compiles the kernels of the boosted trees from AssemblyScript to WebAssembly, kept as a base64 constant in a module
// that nobody edits. Does nothing when that module is newer than the source and this file.
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const source = here('./src/trees/kernels.asc');
const output = here('./src/trees/kernels.wasm.ts');

const writtenAt = async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
const newest = Math.max(await writtenAt(source), await writtenAt(fileURLToPath(import.meta.url)));

if ((await writtenAt(output)) < newest) {
  const wasm = await compile(await readFile(source, 'utf8'));
  const text = `/** The compiled kernels.asc, written by build-kernels.mjs. */\nexport const KERNELS_BASE64 =\n  '${Buffer.from(wasm).toString('base64')}';\n`;
  const partial = `${output}.${process.pid}`;
  await writeFile(partial, text);
  await rename(partial, output);
}

async function compile(text) {
  const { default: asc } = await import('assemblyscript/asc');
  const options = '-O3 --converge --noAssert --runtime stub --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --enable threads --enable simd';
  let wasm;
  const { error, stderr } = await asc.main(['kernels.ts', ...options.split(' '), '--outFile', 'kernels.wasm'], {
    readFile: (name) => (name === 'kernels.ts' ? text : null),
    writeFile: (_name, contents) => {
      wasm = contents;
    },
    listFiles: () => [],
  });
  if (error || !wasm) throw new Error(`The kernels do not compile.\n${stderr.toString()}`, { cause: error });
  return wasm;
}
