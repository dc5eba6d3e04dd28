// What is measured: each server in front of the same core, on loopback.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Gateway, policy, redact, refuse } from '../../tests/support/gateway.mjs';
import { Process, freePort, run, until } from '../../tests/support/process.mjs';

const here = new URL('.', import.meta.url).pathname;
export const work = join(here, '../../build/bench-load');

const portkeyPackage = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  overrides: { hono: '4.9.7', '@hono/node-server': '1.13.5' },
};

// Every stage that this version has.
const everything = policy({
  content: [
    redact('pii', 'both', { categories: ['pii'] }),
    refuse('secrets-in', 'request', { categories: ['secret'] }),
    redact('secrets-out', 'response', { categories: ['secret'] }),
    {
      id: 'injection',
      direction: 'request',
      find: { scores: { injection: { above: 0.8 } } },
      then: { action: 'annotate' },
    },
    {
      id: 'bias',
      direction: 'response',
      find: { scores: { bias: { above: 0.8 } } },
      then: { action: 'annotate' },
    },
  ],
});

async function answers(port) {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  } catch {
    return false;
  }
}

async function nginx(corePort, buffering) {
  const port = await freePort();
  const folder = join(work, `nginx-${port}`);
  await mkdir(folder, { recursive: true });
  const template = await readFile(join(here, 'nginx.conf'), 'utf8');
  const values = { FOLDER: folder, PORT: port, CORE_PORT: corePort, BUFFERING: buffering };
  const filled = template.replace(/@(\w+)@/g, (_, name) => values[name]);
  await writeFile(join(folder, 'nginx.conf'), filled);
  const process = new Process('/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf')]);
  await until('nginx listens', () => answers(port));
  return { name: 'nginx', port, headers: {}, process };
}

async function menshen(corePort, name, binary) {
  const gateway = await Gateway.start({
    binary,
    upstream: `http://127.0.0.1:${corePort}`,
    upstreamOptions: { apis: ['openai'] }, // what a former build knows too
    policy: everything,
    // With the limits as shipped, which a former build knows too.
    config: { log: { level: 'warning' }, limits: {} },
  });
  const headers = { authorization: `Bearer ${gateway.key}` };
  const stop = () => gateway.stop();
  return { name, port: gateway.port, headers, process: gateway.process, stop };
}

async function portkey(corePort) {
  const folder = join(work, 'portkey');
  const start = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(portkeyPackage));
  const options = { cwd: folder };
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const installed = await run('npm', ['install', ...quiet], options);
  if (installed.code !== 0) throw new Error(`npm install: ${installed.stderr}`);
  const port = await freePort();
  const loopback = ['--require', join(here, 'loopback.cjs')];
  const process = new Process('node', [...loopback, start, '--headless', `--port=${port}`], {
    cwd: folder,
    env: { NODE_ENV: 'production' },
  });
  await until('Portkey listens', () => answers(port));
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${corePort}/v1`,
    authorization: 'Bearer x',
  };
  return { name: 'portkey', port, headers, process };
}

// The servers in the order in which a round measures them; `core` itself is the first. `beside`:
// another build's binary, measured in the same rounds.
export async function startServers(corePort, { withPortkey, beside, buffering = 'on' }) {
  const servers = [{ name: 'core', port: corePort, headers: {} }];
  servers.push(await nginx(corePort, buffering));
  servers.push(await menshen(corePort, 'menshen'));
  if (beside) servers.push(await menshen(corePort, 'menshen beside', beside));
  if (withPortkey) servers.push(await portkey(corePort));
  return servers;
}

export async function stopServers(servers) {
  for (const server of servers.reverse()) {
    if (server.stop) await server.stop();
    else await server.process?.kill('SIGTERM');
  }
}

// Seconds of CPU and resident megabytes of a process and its children.
export async function usage(pid) {
  const sum = { cpuSeconds: 0, residentMegabytes: 0 };
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(entry) !== pid && Number(fields[1]) !== pid) continue;
    sum.cpuSeconds += (Number(fields[11]) + Number(fields[12])) / 100;
    sum.residentMegabytes += (Number(fields[21]) * 4096) / 1024 ** 2;
  }
  return sum;
}
