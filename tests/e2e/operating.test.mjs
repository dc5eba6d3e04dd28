// What containers, service managers and operators ask of a gateway: is it ready and why not, and
// that a second one on the same port does not start.
import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly } from '../support/apis.mjs';
import { Gateway, menshen, policy } from '../support/gateway.mjs';
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
      config.admin = { address: `0.0.0.0:${gateway.adminPort}`, token: { env: 'NOT_HERE' } };
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

  test('healthcheck shows the admin token, where it has it, and is told why', async () => {
    const token = 'a-token-of-the-admin-api';
    const guarded = await Gateway.start({
      upstream: provider.url,
      adminOptions: { token: { env: 'ADMIN_TOKEN' } },
      env: { ADMIN_TOKEN: token },
    });
    await rename(join(guarded.folder, 'var'), join(guarded.folder, 'away'));
    await until('it is not ready', async () => !(await guarded.ready()));
    const asked = (env) => run(menshen, ['healthcheck', '--config', guarded.file], { env });
    const known = await asked({ ADMIN_TOKEN: token });
    assert.equal(known.code, 1);
    assert.match(known.stderr, /not ready: the evidence store cannot write: .*moved or deleted/);
    assert.doesNotMatch(known.stderr, /a-token/);
    const unknown = await asked({});
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /not ready: The gateway is not ready\./);
    await rename(join(guarded.folder, 'away'), join(guarded.folder, 'var'));
    await until('it is ready again', () => guarded.ready());
    await guarded.stop();
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

describe('config check', () => {
  let folder;
  let file;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-places-'));
    file = join(folder, 'menshen.yaml');
    await writeFile(join(folder, 'policy.yaml'), JSON.stringify(policy()));
  });
  after(() => rm(folder, { recursive: true }));
  const check = async (changes = {}) => {
    const config = {
      listen: { address: '127.0.0.1:0' },
      admin: { address: '127.0.0.1:0' },
      store: { path: './var' },
      policy: { path: 'policy.yaml' },
      upstreams: [{ name: 'core', url: 'http://127.0.0.1:9', apis: ['openai'] }],
      routes: [{ models: ['*'], upstreams: [{ name: 'core' }] }],
      ...changes,
    };
    await writeFile(file, JSON.stringify(config));
    const before = (await readdir(folder, { recursive: true })).sort();
    const told = await run(menshen, ['config', 'check', '--config', file]);
    assert.deepEqual((await readdir(folder, { recursive: true })).sort(), before);
    return told;
  };

  test('looks at the places where the gateway writes, and makes nothing', async () => {
    const good = await check({ log: { file: './log' }, audit: { publish: './heads' } });
    assert.equal(good.code, 0, good.stderr);
    const log = await check({ log: { file: './none/log' } });
    assert.equal(log.code, 1);
    assert.match(log.stderr, /log\.file: error: .*none\/log: .*\(log_unwritable\)/);
    const heads = await check({ audit: { publish: '.' } });
    assert.equal(heads.code, 1);
    assert.match(heads.stderr, /audit\.publish: error: .*It is no ordinary file/);
  });

  test('says that a store has lost its log, is open to others, or holds junk', async () => {
    const store = join(folder, 'var');
    await mkdir(store, { mode: 0o700 });
    await writeFile(join(store, 'keys.db'), 'x'.repeat(8192));
    const junk = await check();
    assert.equal(junk.code, 1);
    assert.match(junk.stderr, /store\.path: error: .*keys\.db/);
    await rm(join(store, 'keys.db'));
    await writeFile(join(store, 'audit.key'), 'left');
    const gone = await check();
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /store\.path: error: .*\(evidence_gone\)/);
    await rm(join(store, 'audit.key'));
    await chmod(store, 0o770);
    const open = await check();
    assert.equal(open.code, 1);
    assert.match(open.stderr, /store\.path: error: .*\(store_unsafe\)/);
    const absent = await run(menshen, ['config', 'check', '--config', file, '--without-secrets']);
    assert.equal(absent.code, 0, absent.stderr);
  });
});

describe('the admin address', () => {
  const token = 'a-token-of-32-characters-or-so-1';
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      env: { ADMIN_TOKEN: token },
      adminOptions: { token: { env: 'ADMIN_TOKEN' } },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });
  const ask = (path, authorization) =>
    fetch(`${gateway.adminUrl}${path}`, { headers: authorization ? { authorization } : {} });

  test('with a token shows metrics to who has it', async () => {
    for (const authorization of [undefined, token, 'Bearer x', `Bearer ${token}x`]) {
      const answer = await ask('/metrics', authorization);
      assert.equal(answer.status, 401, authorization);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
      assert.equal((await answer.json()).code, 'invalid_admin_token');
    }
    const answer = await ask('/metrics', `Bearer ${token}`);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^menshen_build_info/m);
  });

  test('with a token says to everybody whether it is ready, and to who has it more', async () => {
    assert.deepEqual(await (await ask('/healthz')).json(), { status: 'ok' });
    assert.deepEqual(await (await ask('/readyz')).json(), { status: 'ready' });
    const more = await (await ask('/readyz', `Bearer ${token}`)).json();
    assert.equal(more.reload.applied, true);
    assert.equal((await gateway.command('healthcheck')).code, 0);
  });

  test('off loopback without a token is refused', async () => {
    const written = JSON.parse(await gateway.read('menshen.yaml'));
    const admin = { address: `0.0.0.0:${gateway.adminPort}` };
    await gateway.write('open.yaml', { ...written, admin });
    const file = join(gateway.folder, 'open.yaml');
    for (const [command, code] of [
      [['config', 'check'], 1],
      [['serve'], 2],
    ]) {
      const told = await run(menshen, [...command, '--config', file]);
      assert.equal(told.code, code, told.stderr);
      assert.match(told.stderr, /admin\.address: error: Off loopback .* needs a `token`/);
    }
  });

  test('keeps the token out of log and messages', () => {
    assert.ok(!gateway.process.output.includes(token));
  });
});
