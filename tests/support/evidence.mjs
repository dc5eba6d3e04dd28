// The records of a gateway's audit log, as audit/FORMAT.md describes them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run, until } from './process.mjs';

async function database(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'audit.db') return path;
    const inner = entry.isDirectory() && (await database(path));
    if (inner) return inner;
  }
  return null;
}

export const databaseFile = (gateway) => database(join(gateway.folder, 'var'));

// All records, oldest first. Works while the gateway runs and after it was killed.
export async function records(gateway) {
  const file = await databaseFile(gateway);
  const query = 'SELECT body FROM records ORDER BY seq';
  const { code, stdout, stderr } = await run('sqlite3', ['-readonly', file, query]);
  if (code !== 0) throw new Error(`sqlite3: ${stderr}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

// The one outcome of an exchange. A client may see its answer a moment before a reader sees the
// commit.
export async function outcomeOf(gateway, exchange) {
  if (!exchange) throw new Error('the answer names no exchange');
  const found = await until(`the outcome of ${exchange}`, async () => {
    const all = await records(gateway);
    const mine = all.filter((record) => record.exchange === exchange && record.type === 'outcome');
    return mine.length > 0 ? mine : null;
  });
  if (found.length !== 1) throw new Error(`${found.length} outcomes of ${exchange}`);
  return found[0];
}
