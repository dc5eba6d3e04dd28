// A witness: what it answers to logs, honest ones and others (C2SP tlog-witness).
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Authority } from '../support/certificates.mjs';
import { menshen } from '../support/gateway.mjs';
import { cosignedAt, openHead, parseVkey, sha256, splitHeads } from '../support/log.mjs';
import { run, until } from '../support/process.mjs';
import { SmallLog, Witness } from '../support/witness.mjs';

describe('a witness', () => {
  const first = new SmallLog('first.example/audit', 300);
  const second = new SmallLog('second.example/审计', 20);
  const rewritten = new SmallLog(first.name, 300, first.name, 'other ');
  let folder;
  let witness;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-logs-'));
    const logs = [await first.writeKey(folder), await second.writeKey(folder)];
    witness = await Witness.start({ logs });
  });
  after(async () => {
    await witness.stop();
    await rm(folder, { recursive: true });
  });

  const expectRefused = async (body, status, said) => {
    const answer = await witness.add(body);
    assert.equal(answer.status, status, answer.text);
    if (said) assert.equal(answer.text, said);
    return answer;
  };
  const cosign = async (log, older, size) => {
    const { status, text } = await witness.add(log.submission(older, size));
    assert.equal(status, 200, text);
    const since = cosignedAt(log.note(size) + text, witness.vkey);
    assert.ok(Math.abs(since - Date.now() / 1000) < 600);
  };

  test('cosigns a log that grows, each log by itself', async () => {
    await cosign(first, 0, 0);
    await cosign(first, 0, 100);
    await cosign(second, 0, 20);
    await cosign(first, 100, 100);
    await cosign(first, 100, 257);
  });

  test('says at which size to go on', async () => {
    for (const older of [0, 100, 258]) {
      const { type } = await expectRefused(first.submission(older, 300), 409, '257\n');
      assert.equal(type, 'text/x.tlog.size');
    }
  });

  test('refuses what does not continue what it has signed, and says so in its log', async () => {
    const sameSize = await expectRefused(rewritten.submission(257, 257), 409);
    assert.notEqual(sameSize.type, 'text/x.tlog.size');
    await expectRefused(rewritten.submission(257, 300), 422);
    await expectRefused(`old 257\n\n${first.note(300)}`, 422);
    const told = (event) => {
      const lines = witness.process.output.split('\n');
      return lines.filter((line) => line.includes(`"${event}"`));
    };
    await until('what it refused stands in its log', () => told('proof_refused').length === 2);
    // Proofs are not signed, so that only two heads of one size contradict each other.
    const contradicted = told('log_contradicted');
    assert.equal(contradicted.length, 1);
    assert.match(contradicted[0], /first\.example\/audit, 257 records/);
    const file = `${sha256(first.name).toString('hex')}.contradiction`;
    assert.ok(contradicted[0].includes(file));
    const kept = splitHeads(await readFile(join(witness.store, file), 'utf8'));
    const key = parseVkey(first.vkey);
    const [one, other] = kept.map((note) => openHead(note, key));
    assert.equal(kept.length, 2);
    assert.deepEqual([one.size, other.size], [257, 257]);
    assert.notDeepEqual(one.root, other.root);
  });

  // 64 connections are taken.
  test('tells of strangers who fill it with slow requests, and gets rid of them', async () => {
    const head = 'POST /add-checkpoint HTTP/1.1\r\nhost: w\r\n';
    const slow = [];
    for (let i = 0; i < 70; ++i) {
      const socket = connect({ port: witness.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.write(i % 2 ? head : `${head}content-length: 1000\r\n\r\nold`);
      slow.push(new Promise((resolve) => socket.on('close', resolve)));
      socket.resume();
    }
    await until('it is told', () => witness.process.output.includes('"connections_full"'), 30);
    const closed = Promise.all(slow).then(() => true);
    await until('they are closed', () => Promise.race([closed, false]), 30);
    await cosign(first, 257, 257);
  });

  test('refuses what is no submission of a log that it knows', async () => {
    await expectRefused('', 400);
    await expectRefused(`old 1\n${first.note(3)}`, 400);
    await expectRefused(`old 301\n\n${first.note(300)}`, 400);
    await expectRefused(new SmallLog('third', 9).submission(0, 9), 404);
    await expectRefused(new SmallLog(first.name, 9, 'forger').submission(0, 9), 403);
    await expectRefused(`${first.submission(257, 300)}${'x'.repeat(64 * 1024)}`, 413);
    assert.equal((await witness.add('', 'GET')).status, 405);
    assert.equal((await witness.add('', 'GET', '/')).status, 404);
    assert.equal((await witness.add('', 'POST', '/add-checkpoint/')).status, 404);
    await cosign(first, 257, 300);
  });

  test('knows after a kill -9 what it has signed', async () => {
    await witness.process.kill('SIGKILL');
    await witness.serve();
    await expectRefused(first.submission(0, 300), 409, '300\n');
    await expectRefused(rewritten.submission(300, 300), 409);
    await cosign(first, 300, 300);
  });

  test('keeps the head for whoever verifies a copy of the log', async () => {
    const names = (await readdir(witness.store)).filter((name) => name.endsWith('.head'));
    assert.equal(names.length, 2);
    const key = parseVkey(first.vkey);
    const texts = await Promise.all(names.map((n) => readFile(join(witness.store, n), 'utf8')));
    const [kept] = splitHeads(texts.find((text) => text.startsWith(first.name)));
    assert.equal(openHead(kept, key).size, 300);
    assert.ok(cosignedAt(kept, witness.vkey) > 0);
  });

  test('has one key, which others may not read', async () => {
    const again = ['witness', 'key', '--store', join(folder, 'new'), '--name', 'w'];
    assert.equal((await run(menshen, again)).code, 0);
    const { code, stderr } = await run(menshen, again);
    assert.equal(code, 1);
    assert.match(stderr, /witness_key_there/);
    assert.equal((await stat(join(folder, 'new', 'witness.key'))).mode & 0o777, 0o600);
  });

  test('does not start without a key, a log, or an address', async () => {
    const log = ['--log', join(folder, `${first.id.toString('hex')}.vkey`)];
    const serve = (...args) => run(menshen, ['witness', 'serve', ...args]);
    const none = await serve('--store', join(folder, 'none'), ...log);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /witness_key_missing/);
    const twice = await serve('--store', witness.store, '--listen', '127.0.0.1:0', ...log);
    assert.match(twice.stderr, /store_locked/);
    assert.equal((await serve('--store', witness.store)).code, 2);
    const name = await serve('--store', witness.store, ...log, '--listen', 'localhost:1');
    assert.equal(name.code, 2);
    const half = await serve('--store', witness.store, ...log, '--certificate', 'c');
    assert.equal(half.code, 2);
    const nothing = await serve('--store', witness.store, '--log', join(folder, 'no.vkey'));
    assert.match(nothing.stderr, /no_verifier_key/);
  });

  test('speaks TLS', async () => {
    const authority = await Authority.make(folder);
    const { certificate, key } = await authority.issue('witness', 'IP:127.0.0.1');
    const other = await Witness.start({
      logs: [await first.writeKey(folder)],
      options: ['--certificate', certificate, '--key', key],
      tls: true,
    });
    const ca = await readFile(authority.file);
    const status = await new Promise((resolve, reject) => {
      const call = request(`${other.url}/add-checkpoint`, { method: 'POST', ca }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      call.on('error', reject);
      call.end(first.submission(0, 3));
    });
    assert.equal(status, 200);
    await other.stop();
  });
});
