// The log that a gateway wrote, read by others: the Go checksum database's code, @sigstore/verify,
// and a reader that was written after audit/FORMAT.md.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { answerCleanly, apis } from '../support/apis.mjs';
import { outcomeOf, readByGo, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import * as log from '../support/log.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { email, privateKey } from '../support/specimens.mjs';

const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require('@sigstore/verify/dist/timestamp/checkpoint.js');
const { verifyMerkleInclusion } = require('@sigstore/verify/dist/timestamp/merkle.js');
const audit = new URL('../../audit/', import.meta.url);
const clients = 8;

describe('the log, read by others', () => {
  let provider;
  let gateway;
  let store;
  let found;
  let leaves;
  let checkpoint;
  let key;

  const ask = (change = {}) =>
    send(gateway, apis.chat.path, JSON.stringify({ ...apis.chat.base, ...change }));
  const askMany = (count) =>
    Promise.all(
      Array.from({ length: clients }, async (_, n) => {
        for (let i = n; i < count; i += clients) await ask({ stream: i % 3 === 0 });
      }),
    );

  // More than two bundles, over two starts, and records of all kinds that an exchange can have.
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url });
    store = storeOf(gateway);
    await askMany(200);
    await ask({ messages: [{ role: 'user', content: privateKey }] });
    await ask({ messages: [{ role: 'user', content: `mail ${email.value}` }] });
    await send({ ...gateway, key: 'msk_none' }, apis.chat.path, '{}');
    await gateway.process.stop();
    await gateway.serve();
    await askMany(100);
    await gateway.process.stop();
    found = await log.readLog(store);
    leaves = found.bodies.map(log.leafHash);
    checkpoint = await readFile(join(store, 'log', 'checkpoint'), 'utf8');
    key = log.parseVkey(await readFile(join(store, 'audit.vkey'), 'utf8'));
  });
  after(async () => {
    await rm(gateway.folder, { recursive: true });
    await provider.stop();
  });

  test('every record is of the schema, and has its number', async () => {
    const schema = JSON.parse(await readFile(new URL('record.schema.json', audit), 'utf8'));
    const validate = new Ajv({ strictTypes: false }).compile(schema);
    assert.ok(found.bodies.length > 2 * log.bundleRecords);
    const types = new Set();
    for (const [seq, body] of found.bodies.entries()) {
      const record = JSON.parse(body);
      assert.ok(validate(record), `${body}: ${JSON.stringify(validate.errors)}`);
      assert.equal(record.seq, seq);
      assert.equal(JSON.stringify(record), body.toString());
      types.add(record.type);
    }
    const expected = ['credential', 'intent', 'outcome', 'refusals', 'start', 'stop'];
    assert.deepEqual([...types].sort(), expected);
  });

  test('every head is signed, over the records that there are', async () => {
    const heads = log.splitHeads(await readFile(join(store, 'heads'), 'utf8'));
    assert.ok(heads.length >= 3);
    assert.equal(heads.at(-1), checkpoint);
    const opened = heads.map((head) => log.openHead(head, key));
    const sizes = opened.map(({ size }) => size);
    assert.deepEqual(
      sizes,
      sizes.slice().sort((a, b) => a - b),
    );
    opened.push(...found.heads.map((head) => log.openHead(head, key)));
    for (const { size, root } of opened) {
      assert.deepEqual(root, log.treeRoot(leaves.slice(0, size)));
    }
    assert.equal(log.openHead(checkpoint, key).size, found.bodies.length);
  });

  test('Go reads every bundle, tile, leaf and head', async () => {
    const { code, stdout, stderr } = await readByGo(gateway);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^records ${found.bodies.length}, .*: all hold$`, 'm'));
  });

  // What sigstore's code takes for the evidence of one record.
  const entry = (index) => ({
    integratedTime: '0',
    canonicalizedBody: found.bodies[index],
    inclusionProof: {
      logIndex: String(index),
      treeSize: String(leaves.length),
      rootHash: log.openHead(checkpoint, key).root,
      hashes: log.inclusionProof(index, leaves),
      checkpoint: { envelope: checkpoint },
    },
  });
  const authority = () => ({
    logID: key.id,
    publicKey: key.publicKey,
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  });

  test('@sigstore/verify opens the checkpoint and finds records in it', () => {
    verifyCheckpoint(entry(0), [authority()]);
    for (let i = 0; i < leaves.length; i += 41) verifyMerkleInclusion(entry(i));
    verifyMerkleInclusion(entry(leaves.length - 1));
  });

  test('@sigstore/verify refuses what was changed', () => {
    const changed = entry(300);
    const body = Buffer.from(changed.canonicalizedBody);
    body[20] ^= 1;
    const refusal = { code: 'TLOG_INCLUSION_PROOF_ERROR' };
    assert.throws(() => verifyMerkleInclusion({ ...changed, canonicalizedBody: body }), refusal);
    changed.inclusionProof.logIndex = '301';
    assert.throws(() => verifyMerkleInclusion(changed), refusal);
    const { inclusionProof } = entry(0);
    const larger = checkpoint.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`);
    const envelope = { checkpoint: { envelope: larger } };
    const other = { integratedTime: '0', inclusionProof: { ...inclusionProof, ...envelope } };
    assert.throws(() => verifyCheckpoint(other, [authority()]), refusal);
  });

  // With the key of the store, as FORMAT.md says how.
  test('commitments and pseudonyms are those of the bytes', async () => {
    await gateway.serve();
    const digits = (await readFile(join(store, 'commitment.key'), 'utf8')).trim();
    const hmac = (text) => createHmac('sha256', Buffer.from(digits, 'hex')).update(text).digest();
    const messages = [{ role: 'user', content: `写信给 ${email.value}` }];
    for (const stream of [false, true]) {
      const body = JSON.stringify({ ...apis.chat.base, messages, stream });
      const answer = await send(gateway, apis.chat.path, body);
      assert.equal(answer.status, 200);
      const received = provider.requests.at(-1).body;
      assert.ok(!received.includes(email.value));
      const sent = stream ? apis.chat.events.join('') : JSON.stringify(apis.chat.reply);
      const outcome = await outcomeOf(gateway, answer.headers['x-menshen-exchange']);
      const salt = hmac(outcome.exchange);
      for (const [name, bytes] of [
        ['request', body],
        ['forwarded', received],
        ['response', sent],
        ['released', answer.body],
      ]) {
        const commitment = log.sha256(salt, bytes).toString('base64url');
        assert.equal(outcome[`${name}_commitment`], commitment, `${name}, stream ${stream}`);
      }
      assert.equal(outcome.request_bytes, Buffer.byteLength(body));
      assert.equal(outcome.response_bytes, answer.body.length);
      const pseudonym = hmac('client\n127.0.0.1').subarray(0, 8).toString('hex');
      assert.equal(outcome.client, pseudonym);
      const policy = log.sha256(await gateway.read('policy.yaml')).toString('hex');
      assert.equal(outcome.policy, policy.slice(0, 16));
    }
    await gateway.process.stop();
  });

  // Whoever takes the checkpoint first finds all that it covers, as long as it is the last one.
  test('what a mirror takes from a running gateway verifies', async () => {
    await gateway.serve();
    let loading = true;
    const load = async () => {
      while (loading) await askMany(clients);
    };
    const loads = load();
    const current = () => readFile(join(store, 'log', 'checkpoint'), 'utf8');
    const sizes = new Set();
    try {
      await until('several checkpoints were read', async () => {
        const taken = await current();
        const { code, stderr } = await readByGo(gateway, { heads: false });
        const { size } = log.openHead(taken, key);
        if (code === 0) sizes.add(size);
        else assert.notEqual(await current(), taken, `over ${size} records: ${stderr}`);
        return sizes.size >= 5;
      });
    } finally {
      loading = false;
      await loads;
    }
    await gateway.process.stop();
  });
});
