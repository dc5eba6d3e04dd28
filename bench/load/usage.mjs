// What a server's processes have taken so far, from /proc and from its own metrics.
import { readFile, readdir } from 'node:fs/promises';

const ticks_per_second = 100;
const page_bytes = 4096;

const read = (path) => readFile(path, 'utf8').catch(() => '');

// { pid, parent, ticks, pages } of every process.
async function processes() {
  const found = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await read(`/proc/${entry}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [parent, user, system, pages] = [1, 11, 12, 21].map((at) => Number(fields[at]));
    found.push({ pid: Number(entry), parent, ticks: user + system, pages });
  }
  return found;
}

async function family(pid) {
  const all = await processes();
  const members = all.filter((one) => one.pid === pid);
  for (const member of members) members.push(...all.filter((one) => one.parent === member.pid));
  return members;
}

async function switches(pid) {
  let count = 0;
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const status = await read(`/proc/${pid}/task/${thread}/status`);
    for (const [, number] of status.matchAll(/voluntary_ctxt_switches:\s+(\d+)/g)) {
      count += Number(number);
    }
  }
  return count;
}

async function journal(adminUrl) {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const of = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { records: of('menshen_journal_records'), commits: of('menshen_journal_commits_total') };
}

// Of a process and all that it started: seconds of CPU (user and system), context switches,
// resident megabytes; and, of a gateway with an admin URL, its journal's records and commits.
export async function usage({ process, adminUrl }) {
  const sum = { cpu: 0, switches: 0, residentMegabytes: 0 };
  for (const one of await family(process.pid)) {
    sum.cpu += one.ticks / ticks_per_second;
    sum.residentMegabytes += (one.pages * page_bytes) / 1024 ** 2;
    sum.switches += await switches(one.pid);
  }
  return adminUrl ? { ...sum, ...(await journal(adminUrl)) } : sum;
}
