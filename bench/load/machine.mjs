// What was measured on, and with.
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { menshen } from '../../tests/support/gateway.mjs';
import { run } from '../../tests/support/process.mjs';
import { liteLlmVersion, portkeyVersion } from './peers.mjs';
import { median, percentile } from './statistics.mjs';

async function said(...command) {
  const { stdout, stderr } = await run(command[0], command.slice(1));
  return (stdout + stderr).trim().split('\n')[0];
}

// Microseconds that an fdatasync takes after 4 KB in place were written over.
function fdatasync(folder) {
  const file = join(folder, 'fdatasync');
  const page = Buffer.alloc(4096, 1);
  const blocks = 256;
  const fd = openSync(file, 'w');
  for (let i = 0; i < blocks; i += 1) writeSync(fd, page);
  fdatasyncSync(fd);
  const times = [];
  for (let i = 0; i < 4 * blocks; i += 1) {
    writeSync(fd, page, 0, page.length, (i % blocks) * page.length);
    const begin = process.hrtime.bigint();
    fdatasyncSync(fd);
    times.push(Number(process.hrtime.bigint() - begin) / 1000);
  }
  closeSync(fd);
  unlinkSync(file);
  return { median: median(times), p99: percentile(times, 0.99) };
}

export async function aboutMachine(folder) {
  return {
    processors: `${cpus().length} x ${cpus()[0].model.trim()}`,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    filesystem: await said('stat', '-f', '-c', '%T', folder),
    fdatasyncUs: fdatasync(folder),
    loadBefore: loadavg()[0],
  };
}

export async function aboutVersions(servers, beside) {
  return [
    await said(menshen, 'version'),
    `commit ${await said('git', 'rev-parse', '--short', 'HEAD')}`,
    ...(beside ? [`beside ${await said(beside, 'version')}`] : []),
    (await said('/usr/sbin/nginx', '-v')).replace('nginx version: ', ''),
    ...(servers.includes('portkey') ? [portkeyVersion, `Node.js ${process.version}`] : []),
    ...(servers.includes('litellm')
      ? [await liteLlmVersion(), await said('/usr/bin/python3', '-V')]
      : []),
  ];
}
