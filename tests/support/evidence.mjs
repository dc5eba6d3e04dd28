// The records of a gateway's audit log, as audit/FORMAT.md describes them.
import { join } from 'node:path';
import { readLog } from './log.mjs';
import { run, until } from './process.mjs';

export const storeOf = (gateway) => join(gateway.folder, 'var');

// The Go checksum database's own code reads the directory of bundles and tiles, and the heads.
// `witnesses`: verifier keys of those who must have cosigned the checkpoint.
export function readByGo(gateway, { heads = true, witnesses = [] } = {}) {
  const store = storeOf(gateway);
  const files = ['audit.vkey', 'log', ...(heads ? ['heads'] : [])].map((name) => join(store, name));
  const named = witnesses.flatMap((vkey) => ['-witness', vkey]);
  return run(new URL('../../audit/interop/check', import.meta.url).pathname, [...named, ...files]);
}

// All records, oldest first. Works while the gateway runs and after it was killed.
export async function records(gateway) {
  const { bodies } = await readLog(storeOf(gateway));
  return bodies.map((body) => JSON.parse(body));
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
