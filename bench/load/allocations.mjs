// Counts what a process allocates: count_allocations.cpp, preloaded.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { binaries } from './files.mjs';

// `env`, for the process; `read()` gives the { calls, bytes } so far.
export function allocations(folder) {
  const file = join(folder, 'allocations');
  const env = { LD_PRELOAD: join(binaries, 'count_allocations.so'), COUNT_ALLOCATIONS: file };
  const read = async () => {
    const numbers = await readFile(file);
    const at = (offset) => Number(numbers.readBigUInt64LE(offset));
    return { calls: at(0), bytes: at(8) };
  };
  return { env, read };
}
