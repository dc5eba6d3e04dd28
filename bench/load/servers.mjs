// What is measured: each server in front of the same core, on loopback.
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DemoCore, Gateway } from '../../tests/support/gateway.mjs';
import { Process, freePort, until } from '../../tests/support/process.mjs';
import { answers, fill, here, work } from './files.mjs';
import { liteLlm, portkey } from './peers.mjs';
import { policies } from './policies.mjs';

async function nginx(corePort, buffering) {
  const port = await freePort();
  const folder = join(work, 'nginx');
  await mkdir(folder, { recursive: true });
  const template = await readFile(join(here, 'nginx.conf'), 'utf8');
  const values = { FOLDER: folder, PORT: port, CORE_PORT: corePort, BUFFERING: buffering };
  await writeFile(join(folder, 'nginx.conf'), fill(template, values));
  const process = new Process('/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf')]);
  await until('nginx listens', () => answers(port));
  return { name: 'nginx', port, headers: {}, process };
}

// With limits and log as shipped; the log goes to a file, as the quickstart has it. `env` is the
// process's.
async function menshen(corePort, { name, policy, binary }, { env } = {}) {
  const file = join(work, `${name.replace(' ', '-')}.log`);
  const log = await open(file, 'w');
  const gateway = await Gateway.start({
    binary,
    env,
    log: log.fd,
    upstream: `http://127.0.0.1:${corePort}`,
    upstreamOptions: { apis: ['openai'] }, // what a former build knows too
    policy: (await policies())[policy],
    config: { limits: {} },
  })
    .catch((error) => {
      throw new Error(`${error.message} See ${file}.`);
    })
    .finally(() => log.close());
  return {
    name,
    port: gateway.port,
    headers: { authorization: `Bearer ${gateway.key}` },
    process: gateway.process,
    adminUrl: gateway.adminUrl,
    guards: policy !== 'bare',
    stop: () => gateway.stop(),
  };
}

// By name, in the order in which a round measures them. `core` is the core itself. `guards`: texts
// that are personal data must not pass.
const makers = {
  core: (core) => ({ name: 'core', port: core.port, headers: {} }),
  nginx: (core, { buffering = 'on' }) => nginx(core.port, buffering),
  menshen: (core, options) =>
    menshen(core.port, { name: 'menshen', policy: 'quickstart' }, options),
  scores: (core, options) =>
    menshen(core.port, { name: 'menshen scores', policy: 'scores' }, options),
  bare: (core, options) => menshen(core.port, { name: 'menshen bare', policy: 'bare' }, options),
  beside: (core, { beside }) =>
    menshen(core.port, { name: 'menshen beside', policy: 'quickstart', binary: beside }),
  portkey: (core) => portkey(core.port),
  litellm: (core) => liteLlm(core.port, { filter: false }),
  'litellm filter': (core) => liteLlm(core.port, { filter: true }),
};

// Runs `use` with the servers of these names in front of a core with `coreArguments`.
export async function withServers(names, coreArguments, options, use) {
  const core = await DemoCore.start(coreArguments, { record: false });
  const servers = [];
  try {
    for (const name of Object.keys(makers)) {
      if (names.includes(name)) servers.push(await makers[name](core, options));
    }
    return await use(servers, core);
  } finally {
    for (const server of servers.reverse()) {
      if (server.stop) await server.stop();
      else await server.process?.kill('SIGTERM');
    }
    await core.stop();
  }
}
