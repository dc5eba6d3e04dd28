// The records of a gateway's audit log, as audit/FORMAT.md describes them.
import { join } from 'node:path';
import { readLog, wholeRecords } from './log.mjs';
import { run, until } from './process.mjs';

export const storeOf = (gateway) => join(gateway.folder, 'var');

// The Go checksum database's own code reads the directory of bundles and tiles, and the heads.
// `witnesses`: verifier keys of those who must have cosigned the checkpoint; `address`: of whoever
// serves them, to whom `token` is shown; `vkey`: a file of the log's verifier keys, a line each.
export function readByGo(gateway, { heads = true, witnesses = [], address, token, vkey } = {}) {
  const store = storeOf(gateway);
  const files = [vkey ?? join(store, 'audit.vkey'), address ?? join(store, 'log')];
  if (heads) files.push(join(store, 'heads'));
  const named = witnesses.flatMap((vkey) => ['-witness', vkey]);
  const check = new URL('../../audit/interop/check', import.meta.url).pathname;
  return run(check, [...named, ...files], { env: { LOG_TOKEN: token ?? '' } });
}

// All records, oldest first, with what goes without saying in them. Works while the gateway runs
// and after it was killed.
export async function records(gateway) {
  const { bodies } = await readLog(storeOf(gateway));
  return wholeRecords(bodies);
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
