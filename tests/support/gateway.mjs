// A gateway with a configuration of its own, in a temporary folder, on free ports.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Process, freePort, run, until } from './process.mjs';

export const menshen = process.env.MENSHEN_BIN ?? 'build/release/menshen';
export const demoCore = process.env.MENSHEN_DEMO_CORE ?? 'build/release/menshen-demo-core';

const everyApi = ['openai', 'anthropic', 'azure', 'ollama'];

const everything = {
  id: 'everyone-may',
  effect: 'allow',
  who: { groups: ['demo'] },
  what: { models: ['*'], operations: ['chat', 'completion', 'embeddings', 'models'] },
};

export const redact = (id, direction, find, as = 'tag') => ({
  id,
  direction,
  find,
  then: { action: 'redact', as },
});
export const forModel = (rule, model) => ({ ...rule, what: { models: [model] } });
export const refuse = (id, direction, find) => ({
  id,
  direction,
  find,
  then: { action: 'deny', reason: 'The rules of this test refuse it.' },
});

// Personal data is redacted both ways; secrets are refused in requests, redacted in answers.
const guarding = [
  redact('pii-in', 'request', { categories: ['pii'] }),
  redact('pii-out', 'response', { categories: ['pii'] }),
  refuse('secrets-in', 'request', { categories: ['secret'] }),
  redact('secrets-out', 'response', { categories: ['secret'] }),
];

// More are further sections.
export function policy({
  content = guarding,
  access = [everything],
  defaults = {},
  ...more
} = {}) {
  return {
    apiVersion: 'menshen/v1',
    kind: 'PolicySet',
    metadata: { name: 'tests' },
    defaults: { access: 'deny', on_error: 'deny', opaque_content: 'deny', ...defaults },
    access,
    content,
    ...more,
  };
}

export class Gateway {
  // Options: upstream (URL), policy, limits, upstreamOptions, adminOptions, config (merged over the
  // file), env, binary (of another build), log (descriptor of the file for its output).
  static async start(options) {
    const gateway = new Gateway();
    gateway.env = options.env ?? {};
    gateway.binary = options.binary ?? menshen;
    gateway.log = options.log;
    gateway.folder = await mkdtemp(join(tmpdir(), 'menshen-e2e-'));
    gateway.file = join(gateway.folder, 'menshen.yaml');
    gateway.port = await freePort();
    gateway.adminPort = await freePort();
    gateway.url = `http://127.0.0.1:${gateway.port}`;
    gateway.adminUrl = `http://127.0.0.1:${gateway.adminPort}`;
    await gateway.write('policy.yaml', options.policy ?? policy());
    await gateway.write('menshen.yaml', gateway.#config(options));
    gateway.key = await gateway.createKey('alice', ['demo']);
    await gateway.serve();
    return gateway;
  }

  #config({ upstream, limits, upstreamOptions = {}, adminOptions = {}, config = {} }) {
    const core = { name: 'core', url: upstream, apis: everyApi, zone: 'internal' };
    return {
      listen: { address: `127.0.0.1:${this.port}` },
      admin: { address: `127.0.0.1:${this.adminPort}`, ...adminOptions },
      store: { path: './var' },
      policy: { path: 'policy.yaml' },
      upstreams: [{ ...core, ...upstreamOptions }],
      routes: [{ models: ['*'], upstreams: [{ name: 'core' }] }],
      // Which exchanges are of the sample hangs on keys; no test has a record more by chance.
      limits: { score_sample_per_million: 0, ...limits },
      ...config,
    };
  }

  // JSON is YAML.
  write(name, content) {
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    return writeFile(join(this.folder, name), text);
  }

  read(name) {
    return readFile(join(this.folder, name));
  }

  // Runs a command of the binary with this gateway's configuration.
  command(...args) {
    return run(this.binary, [...args, '--config', this.file], { cwd: this.folder, env: this.env });
  }

  async commandJson(...args) {
    const { code, stdout, stderr } = await this.command(...args, '--json');
    if (code !== 0) throw new Error(`menshen ${args.join(' ')}: ${code}\n${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  async createKey(subject, groups) {
    const made = await this.commandJson(
      'keys',
      'create',
      '--subject',
      subject,
      '--groups',
      groups.join(','),
    );
    this.keyId = made.id;
    if (this.process) await until('the gateway knows the key', () => this.knows(made.key));
    return made.key;
  }

  async knows(key) {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${this.url}/v1/models`, { headers })).status !== 401;
  }

  async serve() {
    const options = { cwd: this.folder, env: this.env, log: this.log };
    this.process = new Process(this.binary, ['serve', '--config', this.file], options);
    await until('the gateway is ready', async () => {
      if (this.process.status) throw new Error(`the gateway ended:\n${this.process.output}`);
      return this.ready();
    });
  }

  async ready() {
    try {
      return (await fetch(`${this.adminUrl}/readyz`)).status === 200;
    } catch {
      return false;
    }
  }

  // Stops in the ordinary way, checks the evidence, and removes the folder.
  async stop() {
    await this.process.stop();
    const { code, stdout, stderr } = await this.command('audit', 'verify');
    if (code !== 0) throw new Error(`menshen audit verify: ${code}\n${stdout}${stderr}`);
    await rm(this.folder, { recursive: true });
  }
}

export class DemoCore {
  // `record: false`: received() has nothing to give.
  static async start(args = [], { record = true } = {}) {
    const core = new DemoCore();
    core.folder = await mkdtemp(join(tmpdir(), 'menshen-core-'));
    core.record = join(core.folder, 'record.jsonl');
    const portFile = join(core.folder, 'port');
    const files = ['--port', '0', '--port-file', portFile];
    if (record) files.push('--record', core.record);
    core.process = new Process(demoCore, [...files, ...args]);
    core.port = await until('the demo core listens', async () => {
      if (core.process.status) throw new Error(`the demo core ended:\n${core.process.output}`);
      return readFile(portFile, 'utf8').then(Number, () => 0);
    });
    core.url = `http://127.0.0.1:${core.port}`;
    return core;
  }

  // What it received so far: { method, path, headers, body }.
  async received() {
    const text = await readFile(this.record, 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  async stop() {
    await this.process.stop();
    await rm(this.folder, { recursive: true });
  }
}
