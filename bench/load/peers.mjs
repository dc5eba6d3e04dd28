// Other gateways, each at the version named here, listening on loopback alone.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Process, freePort, run, until } from '../../tests/support/process.mjs';
import { answers, fill, here, work } from './files.mjs';

const portkeyPackage = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  overrides: { hono: '4.9.7', '@hono/node-server': '1.13.5' },
};
export const portkeyVersion = 'Portkey 1.15.2';

async function succeed(file, args, options) {
  const { code, stderr } = await run(file, args, options);
  if (code !== 0) throw new Error(`${file} ${args[0]}: ${stderr}`);
}

export async function portkey(corePort) {
  const folder = join(work, 'portkey');
  const start = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(portkeyPackage));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  await succeed('npm', ['install', ...quiet], { cwd: folder });
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

// An environment of its own, made once for the pins in litellm.txt. False: it cannot be had here.
export async function installLiteLlm() {
  const pins = await readFile(join(here, 'litellm.txt'), 'utf8');
  const folder = join(work, 'litellm');
  const mark = join(folder, '.installed');
  if ((await readFile(mark, 'utf8').catch(() => '')) === pins) return true;
  await succeed('/usr/bin/python3', ['-m', 'venv', '--clear', folder]);
  const { code, stderr } = await run(join(folder, 'bin/pip'), [
    ...['install', '--quiet', '--only-binary', ':all:', '--no-deps'],
    ...['--requirement', join(here, 'litellm.txt')],
  ]);
  if (code === 0) await writeFile(mark, pins);
  else console.error(`LiteLLM cannot be installed and is left out: ${stderr.trim()}`);
  return code === 0;
}

export async function liteLlmVersion() {
  const pins = await readFile(join(here, 'litellm.txt'), 'utf8');
  return `LiteLLM ${/^litellm==(\S+)$/m.exec(pins)[1]}`;
}

// As its documentation sets it up for production: a worker for each core. `filter`: with its
// content filter on what is asked and answered.
export async function liteLlm(corePort, { filter }) {
  const port = await freePort();
  const key = `sk-${randomBytes(32).toString('hex')}`;
  const config = join(work, filter ? 'litellm-filter.yaml' : 'litellm.yaml');
  const parts = filter ? ['litellm.yaml', 'litellm-filter.yaml'] : ['litellm.yaml'];
  const texts = await Promise.all(parts.map((part) => readFile(join(here, part), 'utf8')));
  await writeFile(config, fill(texts.join(''), { CORE_PORT: corePort }));
  const process = new Process(
    join(work, 'litellm/bin/litellm'),
    [
      ...['--config', config, '--host', '127.0.0.1', '--port', String(port)],
      ...['--num_workers', String(cpus().length), '--telemetry', 'False'],
      // A worker that starts slowly on a busy machine would be ended and started again, for ever.
      ...['--timeout_worker_healthcheck', '300'],
    ],
    {
      cwd: work,
      env: {
        LITELLM_MASTER_KEY: key,
        LITELLM_MODE: 'PRODUCTION',
        LITELLM_LOG: 'ERROR',
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        NO_PROXY: '127.0.0.1',
      },
    },
  );
  const alive = () => {
    if (process.status) throw new Error(`LiteLLM ended:\n${process.output.slice(-2000)}`);
    return answers(port, '/health/liveliness');
  };
  await until('LiteLLM listens', alive, 300);
  const name = filter ? 'litellm filter' : 'litellm';
  const headers = { authorization: `Bearer ${key}` };
  return { name, port, headers, process, guards: filter };
}
