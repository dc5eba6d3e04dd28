// Another key for a log: auditors and witnesses that know the older one go on, and so do those who
// learn the newer one while both sign.
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { readByGo, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import * as log from '../support/log.mjs';
import { run, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { Witness } from '../support/witness.mjs';

// Of a line of audit.key.
function privateKey(line) {
  const [, id, base64] = /^PRIVATE\+KEY\+[^+]+\+([0-9a-f]{8})\+(\S+)$/m.exec(line);
  const seed = Buffer.from(base64, 'base64').subarray(1);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return { id, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
}

describe("the log's key", () => {
  let folder;
  let provider;
  let gateway;
  let witness;
  let store;
  let older; // verifier keys
  let newer;
  let retired; // the older private key, as somebody finds it
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-key-'));
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url });
    store = storeOf(gateway);
    await gateway.process.stop();
    older = await readFile(join(store, 'audit.vkey'), 'utf8');
    await writeFile(file('older'), older);
    retired = privateKey(await readFile(join(store, 'audit.key'), 'utf8'));
    witness = await Witness.start({ logs: [file('older')] });
    const config = JSON.parse(await gateway.read('menshen.yaml'));
    config.audit = {
      publish: file('heads'),
      witnesses: [{ key: witness.vkey, url: witness.url, operator: 'auditor' }],
    };
    await gateway.write('menshen.yaml', config);
    await gateway.serve();
  });
  after(async () => {
    await gateway.process.kill('SIGKILL');
    await rm(gateway.folder, { recursive: true });
    await witness.stop();
    await provider.stop();
    await rm(folder, { recursive: true });
  });

  const file = (name) => join(folder, name);
  const ask = () => send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
  const key = (what) => gateway.command('audit', `${what}-key`);
  const checkpoint = () => readFile(join(store, 'log', 'checkpoint'), 'utf8');
  const linesOf = (head) => head.match(/^\u2014 \S+ \S+$/gm).length;
  const cosigned = () =>
    until('all records are cosigned', async () => {
      const { bodies } = await log.readLog(store);
      const note = await checkpoint();
      const size = Number(note.split('\n')[1]);
      return size === bodies.length && log.cosignedAt(note, witness.vkey) ? note : null;
    });
  async function expectIntact() {
    for (const vkey of [file('older'), join(store, 'audit.vkey')]) {
      const done = await gateway.command('audit', 'verify', '--vkey', vkey);
      assert.equal(done.code, 0, done.stdout + done.stderr);
    }
  }
  // By nothing of the gateway's: each head has a key's signature that the records name.
  async function expectHeadsByKeysInForce() {
    const { bodies } = await log.readLog(store);
    const heads = log.splitHeads(await readFile(join(store, 'heads'), 'utf8'));
    for (const head of heads) {
      const size = Number(head.split('\n')[1]);
      const keys = log.keysInForce(bodies, size, older);
      assert.equal(linesOf(head), keys.length);
      for (const each of keys) {
        const root = log.treeRoot(bodies.slice(0, size).map(log.leafHash));
        assert.deepEqual(log.openHead(head, each).root, root);
      }
    }
  }

  test('is not exchanged under a gateway that runs', async () => {
    assert.equal((await ask()).status, 200);
    for (const what of ['rotate', 'retire']) {
      const refused = await key(what);
      assert.equal(refused.code, 1, refused.stdout);
      assert.match(refused.stderr, /store_locked/);
    }
    assert.equal((await ask()).status, 200);
    assert.equal(linesOf(await cosigned()), 2); // its own, and the witness's
  });

  test('is rotated behind a gateway that was killed while it wrote', async () => {
    const asked = Array.from({ length: 20 }, () => ask().catch(() => null));
    await asked[0];
    await gateway.process.kill('SIGKILL');
    await Promise.all(asked);
    const added = await key('rotate');
    assert.equal(added.code, 0, added.stderr);
    newer = added.stdout;
    assert.equal((await key('rotate')).code, 1);
    assert.match((await key('retire')).stderr, /key_not_in_force/);
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    // The witness knows the older key alone.
    assert.equal(linesOf(await cosigned()), 3);
    assert.equal(await readFile(join(store, 'audit.vkey'), 'utf8'), newer);
    await expectIntact();
  });

  test('is retired once others know the newer one', async () => {
    await gateway.process.stop();
    await writeFile(file('newer'), newer);
    await witness.process.stop();
    witness.args.push('--log', file('newer'));
    await witness.serve();
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    await cosigned();
    await gateway.process.stop();
    const left = await key('retire');
    assert.equal(left.code, 0, left.stderr);
    assert.equal(left.stdout, older);
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    assert.equal(linesOf(await cosigned()), 2);
    await expectIntact();
    await expectHeadsByKeysInForce();
  });

  test('and its followers stand in the log', async () => {
    const { records } = await gateway.commandJson('audit', 'find', '--event', 'key');
    const [retired, added] = records;
    assert.equal(records.length, 2);
    assert.deepEqual(added.keys_former, [older.trim()]);
    assert.deepEqual(added.keys, [older.trim(), newer.trim()]);
    assert.deepEqual(retired.keys_former, added.keys);
    assert.deepEqual(retired.keys, [newer.trim()]);
    const report = await gateway.commandJson('audit', 'verify');
    assert.deepEqual(
      report.keys.map(({ vkeys }) => vkeys),
      [added.keys_former, added.keys, retired.keys],
    );
  });

  test('both are known to the code of the Go checksum database', async (t) => {
    await gateway.process.stop();
    await writeFile(file('both'), older + newer);
    const checked = await readByGo(gateway, { vkey: file('both'), witnesses: [witness.vkey] });
    if (checked.code === 77) return t.skip('Go is not installed');
    assert.equal(checked.code, 0, checked.stderr);
    const alone = await readByGo(gateway, { vkey: file('older'), witnesses: [witness.vkey] });
    assert.equal(alone.code, 1);
    await gateway.serve();
  });

  // It was taken from a disk that somebody threw away.
  test('that was retired signs nothing more', async () => {
    await gateway.process.stop();
    const head = await checkpoint();
    const [text] = head.split('\n\n');
    const signature = sign(null, Buffer.from(`${text}\n`), retired.key).toString('hex');
    const line = Buffer.from(retired.id + signature, 'hex').toString('base64');
    const [name] = text.split('\n');
    await writeFile(join(store, 'log', 'checkpoint'), `${text}\n\n\u2014 ${name} ${line}\n`);
    const verified = await run(gateway.binary, ['audit', 'verify', '--store', store]);
    assert.equal(verified.code, 1);
    assert.match(verified.stdout, /head_signature: .* file checkpoint .* had been retired when/);
    await assert.rejects(gateway.serve());
    await writeFile(join(store, 'log', 'checkpoint'), head);
    await gateway.serve();
  });
});
