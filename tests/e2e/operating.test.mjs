// What containers, service managers and operators ask of a gateway: is it ready and why not, and
// that a second one on the same port does not start.
import assert from 'node:assert/strict';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly } from '../support/apis.mjs';
import { Gateway, menshen } from '../support/gateway.mjs';
import { freePort, run, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';

describe('operating', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  // The same configuration with one part replaced, in the gateway's folder.
  async function changed(name, change) {
    const config = JSON.parse(await readFile(gateway.file, 'utf8'));
    change(config);
    await gateway.write(name, config);
    return join(gateway.folder, name);
  }
  const healthcheck = (file, ...more) => run(menshen, ['healthcheck', '--config', file, ...more]);

  test('healthcheck: a gateway that is ready', async () => {
    const { code, stdout, stderr } = await healthcheck(gateway.file);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'ready\n');
    assert.deepEqual(JSON.parse((await healthcheck(gateway.file, '--json')).stdout), {
      ready: true,
    });
  });

  test('healthcheck: an address that stands for every interface is asked on loopback', async () => {
    const file = await changed('everywhere.yaml', (config) => {
      config.admin.address = `0.0.0.0:${gateway.adminPort}`;
    });
    assert.equal((await healthcheck(file)).code, 0);
  });

  test('healthcheck: a gateway that is not ready says why', async () => {
    const store = join(gateway.folder, 'var');
    await rename(store, join(gateway.folder, 'away'));
    await until('the gateway is not ready', async () => !(await gateway.ready()));
    const { code, stdout, stderr } = await healthcheck(gateway.file);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /not ready: the evidence store cannot write: .*moved or deleted/);
    const asJson = JSON.parse((await healthcheck(gateway.file, '--json')).stdout);
    assert.equal(asJson.ready, false);
    assert.match(asJson.reason, /moved or deleted/);
    await rename(join(gateway.folder, 'away'), store);
    await until('it is ready again', () => gateway.ready());
  });

  test('healthcheck: nobody, or somebody else, answers', async () => {
    const port = await freePort();
    const nobody = await changed('nobody.yaml', (config) => {
      config.admin.address = `127.0.0.1:${port}`;
    });
    const refused = await healthcheck(nobody);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`127\\.0\\.0\\.1 port ${port} refuses connections`));
    const other = await changed('other.yaml', (config) => {
      config.admin.address = `127.0.0.1:${provider.port}`;
    });
    const { code, stderr } = await healthcheck(other);
    assert.equal(code, 1);
    assert.match(stderr, /not_a_gateway/);
  });

  test('healthcheck: a port that nobody can know, a file that is not there', async () => {
    const file = await changed('any.yaml', (config) => {
      config.admin.address = '127.0.0.1:0';
    });
    const { code, stderr } = await healthcheck(file);
    assert.equal(code, 2);
    assert.match(stderr, /admin\.address/);
    assert.equal((await healthcheck(join(gateway.folder, 'absent.yaml'))).code, 2);
  });

  for (const which of ['listen', 'admin']) {
    test(`a second gateway on the port of ${which} does not start`, async () => {
      const free = await freePort();
      const file = await changed('second.yaml', (config) => {
        config.store.path = './second';
        const other = which === 'listen' ? 'admin' : 'listen';
        config[other].address = `127.0.0.1:${free}`;
      });
      const { code, stderr } = await run(menshen, ['serve', '--config', file]);
      assert.equal(code, 1);
      const port = which === 'listen' ? gateway.port : gateway.adminPort;
      assert.match(stderr, new RegExp(`Cannot listen on 127\\.0\\.0\\.1 port ${port}: .*in use`));
      assert.equal((await healthcheck(gateway.file)).code, 0, 'the first one goes on');
    });
  }
});
