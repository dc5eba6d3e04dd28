// What a process asks of the kernel and of its allocator: counted_calls.c, preloaded.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

const source = fileURLToPath(new URL('counted_calls.c', import.meta.url));
const names = [
  'receives',
  'sends',
  'waits',
  'writes',
  'syncs',
  'allocations',
  'allocatedBytes',
];

// Files below `folder`. `env`, for the process; `read()` gives the counts so far, by name.
export async function countedCalls(folder) {
  const library = join(folder, 'counted_calls.so');
  const built = await run('cc', ['-O2', '-shared', '-fPIC', '-o', library, source]);
  if (built.code !== 0) throw new Error(built.stderr);
  const file = join(folder, 'counted_calls');
  const read = async () => {
    const numbers = await readFile(file);
    return Object.fromEntries(
      names.map((name, i) => [name, Number(numbers.readBigUInt64LE(8 * i))]),
    );
  };
  return { env: { LD_PRELOAD: library, MENSHEN_COUNTS_FILE: file }, read };
}
