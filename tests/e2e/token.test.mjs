// The log's key in a PKCS#11 token: a gateway that begins a log by it, and one whose key moves into
// it.
import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import * as log from '../support/log.mjs';
import { run } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const module = '/usr/lib/softhsm/libsofthsm2.so';
const installed = await Promise.all([access(module), access('/usr/bin/pkcs11-tool')]).then(
  () => true,
  () => false,
);
const pin = '471108';

describe('a key in a token', { skip: !installed && 'softhsm2 or opensc is not installed' }, () => {
  let folder;
  let provider;
  let gateway;
  let env;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-token-'));
    await mkdir(join(folder, 'tokens'));
    await writeFile(
      join(folder, 'softhsm2.conf'),
      `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\n`,
    );
    env = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
    await tool('softhsm2-util', '--init-token --free --label menshen --so-pin 8088 --pin', pin);
    const ours = `--module ${module} --token-label menshen --login --pin ${pin}`;
    const made = '--keypairgen --key-type EC:edwards25519 --label audit --id 01';
    await tool('pkcs11-tool', ours, made);
    await writeFile(join(folder, 'pin'), `${pin}\n`);
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url, env });
    await gateway.process.stop();
  });
  after(async () => {
    await gateway.process.kill('SIGKILL');
    await rm(gateway.folder, { recursive: true });
    await provider.stop();
    await rm(folder, { recursive: true });
  });

  async function tool(program, ...options) {
    const done = await run(program, options.join(' ').split(' '), { env });
    assert.equal(done.code, 0, done.stdout + done.stderr);
  }
  async function configure(change) {
    const token = { module, token: 'menshen', key: 'audit', pin: { file: join(folder, 'pin') } };
    const config = JSON.parse(await gateway.read('menshen.yaml'));
    config.audit = { token: { ...token, ...change } };
    await gateway.write('menshen.yaml', config);
  }
  const ask = () => send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
  const lines = async (store) =>
    (await readFile(join(store, 'log', 'checkpoint'), 'utf8')).match(/^\u2014 /gm).length;

  test('is taken beside the one in the store, which is then deleted', async () => {
    const store = storeOf(gateway);
    const older = await readFile(join(store, 'audit.vkey'), 'utf8');
    await writeFile(join(folder, 'older'), older);
    await configure({});
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    await gateway.process.stop();
    assert.equal(await lines(store), 2);
    const left = await gateway.command('audit', 'retire-key');
    assert.equal(left.code, 0, left.stderr);
    await assert.rejects(access(join(store, 'audit.key')));
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    await gateway.process.stop();
    assert.equal(await lines(store), 1);
    const checked = await gateway.command('audit', 'verify', '--vkey', join(folder, 'older'));
    assert.equal(checked.code, 0, checked.stdout);
    const vkey = log.parseVkey(await readFile(join(store, 'audit.vkey'), 'utf8'));
    const head = log.openHead(await readFile(join(store, 'log', 'checkpoint'), 'utf8'), vkey);
    const { bodies } = await log.readLog(store);
    assert.deepEqual(head.root, log.treeRoot(bodies.map(log.leafHash)));
    assert.ok(!Buffer.concat(bodies).includes(pin));
  });

  test('whose PIN is another refuses the start, and the PIN stands nowhere', async () => {
    await writeFile(join(folder, 'wrong'), '100000\n');
    await configure({ pin: { file: join(folder, 'wrong') } });
    await assert.rejects(gateway.serve(), (error) => {
      assert.match(error.message, /token_pin/);
      assert.ok(!error.message.includes('100000'));
      return true;
    });
    // With 2, so that nothing starts it again and again until the token locks itself.
    assert.equal(gateway.process.status.code, 2);
    await configure({ key: 'none' });
    await assert.rejects(gateway.serve(), /token_key/);
    assert.equal(gateway.process.status.code, 1);
    await configure({});
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    assert.ok(!gateway.process.output.includes(pin));
    await gateway.process.stop();
  });
});
