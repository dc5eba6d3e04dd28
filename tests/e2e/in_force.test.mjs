// The configuration in force: its text in the store, its hash in records, its secrets nowhere.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { records, storeOf } from '../support/evidence.mjs';
import { Gateway, policy, refuse } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const canaries = ['canary-of-the-credential', 'canary-of-a-header'];

describe('the configuration in force', () => {
  let provider;
  let gateway;
  let written;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      env: { PROVIDER_KEY: canaries[0], TENANT_KEY: canaries[1] },
      upstreamOptions: {
        credential: { env: 'PROVIDER_KEY' },
        headers: [{ name: 'x-tenant', credential: { env: 'TENANT_KEY' } }],
      },
    });
    written = JSON.parse(await readFile(gateway.file, 'utf8'));
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const folder = () => join(storeOf(gateway), 'configurations');
  const naming = async () => (await records(gateway)).filter((record) => record.configuration);
  const textOf = async (hash) => readFile(join(folder(), `${hash}.json`), 'utf8');
  const count = (event) => gateway.process.output.split(`"event":"${event}"`).length - 1;
  const reload = async (config, rules) => {
    await gateway.write('menshen.yaml', config);
    if (rules) await gateway.write('policy.yaml', rules);
    const before = count('reloaded');
    gateway.process.kill('SIGHUP');
    await until('the log says reloaded', () => count('reloaded') > before);
  };

  test('is named by the start, and says each value', async () => {
    const [start] = await naming();
    assert.equal(start.type, 'start');
    const text = await textOf(start.configuration);
    assert.equal(createHash('sha256').update(text).digest('hex'), start.configuration);
    assert.equal((await stat(join(folder(), `${start.configuration}.json`))).mode & 0o777, 0o600);
    const config = JSON.parse(text);
    assert.equal(config.listen.address, written.listen.address);
    assert.deepEqual(config.upstreams[0].credential, { env: 'PROVIDER_KEY' });
    assert.deepEqual(config.upstreams[0].headers, [
      { credential: { env: 'TENANT_KEY' }, name: 'x-tenant' },
    ]);
    assert.equal(config.upstreams[0].timeouts.connect_ms, 5000);
    assert.equal(config.store.path, storeOf(gateway));
  });

  test('that a reload changes is recorded, as is a policy, each once', async () => {
    const types = async () => (await naming()).map(({ type }) => type);
    await reload(written);
    assert.deepEqual(await types(), ['start']);
    const slower = { ...written, upstreams: [{ ...written.upstreams[0], retries: 0 }] };
    await reload(slower);
    await until('it is recorded', async () => (await naming()).length === 2);
    const rules = policy({ content: [refuse('no-mail', 'request', { types: ['email'] })] });
    await reload(written, rules);
    await until('both are recorded', async () => (await naming()).length === 4);
    assert.deepEqual(await types(), ['start', 'configuration', 'policy', 'configuration']);
    const [start, second, third, fourth] = await naming();
    assert.equal(JSON.parse(await textOf(second.configuration)).upstreams[0].retries, 0);
    assert.equal(second.policy, start.policy);
    assert.notEqual(third.policy, start.policy);
    assert.equal(third.configuration, start.configuration);
    assert.deepEqual([fourth.configuration, fourth.policy], [third.configuration, third.policy]);
    assert.equal((await readdir(folder())).length, 2);
  });

  test('is what is in force, not what waits for a restart', async () => {
    await reload({ ...written, threads: 7, log: { level: 'warning' } });
    await until('it is recorded', async () => (await naming()).length === 5);
    const config = JSON.parse(await textOf((await naming()).at(-1).configuration));
    assert.notEqual(config.threads, 7);
    assert.equal(config.log.level, 'warning');
    await reload({ ...written, threads: 7 });
    await until('it is recorded', async () => (await naming()).length === 6);
  });

  test('keeps no secret anywhere in the store', async () => {
    assert.equal((await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base))).status, 200);
    assert.equal(provider.requests.at(-1).headers['x-tenant'], canaries[1]);
    let files = 0;
    for (const entry of await readdir(storeOf(gateway), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      files += 1;
      const bytes = await readFile(join(entry.path, entry.name));
      for (const canary of canaries) assert.ok(!bytes.includes(canary), entry.name);
    }
    assert.ok(files > 8, `${files} files`);
  });

  test('is missed by audit verify when its text is gone or changed', async () => {
    const [{ configuration }] = await naming();
    const file = join(folder(), `${configuration}.json`);
    const text = await readFile(file);
    const verify = async () => (await gateway.command('audit', 'verify')).stdout;
    await writeFile(file, text.toString().replace('"retries":1', '"retries":0'));
    assert.match(await verify(), /text_altered: .* a configuration that it names was altered/);
    await rm(file);
    assert.match(await verify(), /text_missing: .* a configuration that it names is gone/);
    await writeFile(file, text, { mode: 0o600 });
    assert.match(await verify(), /The evidence is intact/);
  });
});
