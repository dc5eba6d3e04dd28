// A gateway and its witnesses: who has seen the log, and what becomes of one that was put back.
import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { readByGo, records, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import * as log from '../support/log.mjs';
import { freePort, run, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { Witness } from '../support/witness.mjs';

const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require('@sigstore/verify/dist/timestamp/checkpoint.js');

// A server that takes heads: { requests, url, close }.
async function receiver() {
  const requests = [];
  const state = { requests, status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      requests.push({ method: request.method, headers: request.headers, url: request.url, body });
      response.writeHead(state.status).end();
    });
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  state.url = `http://127.0.0.1:${server.address().port}/heads/of/gateway`;
  state.close = () => new Promise((resolve) => server.close(resolve));
  return state;
}

describe('witnesses', () => {
  let folder;
  let provider;
  let gateway;
  let witnesses;
  let url;
  let store;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-witnesses-'));
    provider = await Provider.start();
    provider.handler = answerCleanly;
    url = await receiver();
    await writeFile(join(folder, 'token'), 'token-of-the-receiver\n');
    // The log's key is made at its first start.
    gateway = await Gateway.start({ upstream: provider.url });
    store = storeOf(gateway);
    await gateway.process.stop();
    const logs = [join(store, 'audit.vkey')];
    witnesses = [
      await Witness.start({ logs, name: 'witness.example/w1' }),
      await Witness.start({ logs, name: 'witness.example/w2' }),
    ];
    await configure();
    await gateway.serve();
  });
  after(async () => {
    await gateway.process.kill('SIGKILL');
    await rm(gateway.folder, { recursive: true });
    await Promise.all(witnesses.map((witness) => witness.stop()));
    await url.close();
    await provider.stop();
    await rm(folder, { recursive: true });
  });

  const entry = (witness, operator) => ({ key: witness.vkey, url: witness.url, operator });
  async function configure(change = {}) {
    const file = JSON.parse(await gateway.read('menshen.yaml'));
    file.audit = {
      witnesses: [entry(witnesses[0], 'auditor'), entry(witnesses[1], 'works council')],
      publish_url: { url: url.url, credential: { file: join(folder, 'token') } },
      ...change,
    };
    await gateway.write('menshen.yaml', file);
  }

  // Of a witness that has signed nothing.
  async function strangersKey(name) {
    const args = ['witness', 'key', '--name', 'w3', '--store', join(folder, name)];
    return (await run(gateway.binary, args)).stdout.trim();
  }
  const ask = () => send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
  const readiness = async () => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    return { ...(await answer.json()), status: answer.status };
  };
  const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text();
  const events = (name) => {
    const lines = gateway.process.output.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).filter((line) => line.event === name);
  };
  const checkpoint = () => readFile(join(store, 'log', 'checkpoint'), 'utf8');
  const isCosigned = (note) => witnesses.every(({ vkey }) => log.cosignedAt(note, vkey));
  const key = async () => log.parseVkey(await readFile(join(store, 'audit.vkey'), 'utf8'));

  test('cosign each head, which then stands in the log', async () => {
    assert.equal((await ask()).status, 200);
    const head = await until('all records are cosigned', async () => {
      const { bodies } = await log.readLog(store);
      const note = await checkpoint();
      const { size } = log.openHead(note, await key());
      // It is written behind the checkpoint.
      const witnessed = await readFile(join(store, 'log', 'witnessed'), 'utf8').catch(() => '');
      return size === bodies.length && isCosigned(note) && witnessed === note ? note : null;
    });
    const state = await readiness();
    assert.equal(state.status, 200);
    assert.equal(state.witnesses_failing, undefined);
    const { size } = log.openHead(head, await key());
    const text = await metrics();
    assert.match(text, new RegExp(`^menshen_witnessed_records ${size}$`, 'm'));
    assert.match(text, /^menshen_log_contradicted 0$/m);
    for (const { vkey } of witnesses) {
      const label = `{witness="${vkey.split('+')[0]}"}`;
      assert.ok(text.includes(`menshen_witness_records${label} ${size}\n`));
      assert.ok(text.includes(`menshen_witness_failures_total${label} 0\n`));
    }
  });

  test('the head goes to a URL, with its cosignatures', async () => {
    const sent = await until('it was sent', () =>
      url.requests.find(({ body }) => body.startsWith('menshen/audit\n') && isCosigned(body)),
    );
    assert.equal(sent.method, 'PUT');
    assert.equal(sent.url, '/heads/of/gateway');
    assert.equal(sent.headers.authorization, 'Bearer token-of-the-receiver');
    url.status = 500;
    await ask();
    const failing = await until('it fails', async () => (await readiness()).publishing_failed);
    assert.match(failing, /127\.0\.0\.1 answers 500/);
    assert.match(await metrics(), /^menshen_publish_url_failures_total [1-9]/m);
    assert.equal((await readiness()).status, 200);
    url.status = 200;
    await until('it goes on', async () => (await readiness()).publishing_failed === undefined);
    const said = await until('the log says both', async () => {
      const all = (await records(gateway)).filter(({ type }) => type === 'publishing');
      return all.length === 2 && all;
    });
    assert.match(said[0].note, /^Heads are not published\. .*127\.0\.0\.1 answers 500/);
    assert.deepEqual(said.map(({ error }) => error), ['publishing_failed', undefined]);
  });

  test('one that is away keeps nobody, and is told', async () => {
    await witnesses[1].process.stop();
    assert.equal((await ask()).status, 200);
    const [failing] = await until('it fails', async () => (await readiness()).witnesses_failing);
    assert.match(failing, /^witness\.example\/w2: .* refuses connections/);
    assert.equal(events('witness_failing').length, 1);
    const isAskedAgain = /menshen_witness_failures_total\{witness="witness.example\/w2"\} [2-9]/;
    await until('it is asked again', async () => isAskedAgain.test(await metrics()));
    // No quorum has seen the last head.
    const witnessed = await readFile(join(store, 'log', 'witnessed'), 'utf8');
    const sizes = [witnessed, await checkpoint()].map((note) => Number(note.split('\n')[1]));
    assert.ok(sizes[0] < sizes[1], String(sizes));
    await witnesses[1].serve();
    await until('it cosigns again', async () => isCosigned(await checkpoint()));
    await until('it is told', () => events('witness_resumed').length === 1);
    assert.equal((await readiness()).witnesses_failing, undefined);
  });

  test('one that hangs keeps nobody', async () => {
    const hanging = createServer(() => {});
    await new Promise((resolve) => {
      hanging.listen(0, '127.0.0.1', resolve);
    });
    await gateway.process.stop();
    const nowhere = `http://127.0.0.1:${hanging.address().port}`;
    const slow = { ...entry(witnesses[1], 'slow'), url: nowhere };
    await configure({ witnesses: [entry(witnesses[0], 'auditor'), slow], quorum: 1 });
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    const [failing] = await until('it fails', async () => (await readiness()).witnesses_failing);
    assert.match(failing, /^witness\.example\/w2: .* did not answer within 5000 ms/);
    const vkey = witnesses[0].vkey;
    await until('the other cosigns', async () => log.cosignedAt(await checkpoint(), vkey));
    await gateway.process.stop();
    hanging.closeAllConnections();
    await new Promise((resolve) => {
      hanging.close(resolve);
    });
    await configure();
    await gateway.serve();
    await until('both cosign', async () => isCosigned(await checkpoint()));
  });

  test('at the end the last head is cosigned, and everybody can read it', async () => {
    await gateway.process.stop();
    const head = await checkpoint();
    assert.ok(isCosigned(head), head);
    const { bodies } = await log.readLog(store);
    assert.equal(JSON.parse(bodies.at(-1)).type, 'stop');
    assert.equal(log.openHead(head, await key()).size, bodies.length);
    const keys = witnesses.map(({ vkey }) => vkey);
    const { code, stdout, stderr } = await readByGo(gateway, { witnesses: keys });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /: all hold$/m);
    // This version of it refuses lines of keys that it does not know: it is given the head as the
    // log signed it.
    const plain = log.splitHeads(await readFile(join(store, 'heads'), 'utf8')).at(-1);
    assert.ok(head.startsWith(plain));
    const { root, size } = log.openHead(head, await key());
    const envelope = { rootHash: root, treeSize: String(size), checkpoint: { envelope: plain } };
    const { id, publicKey } = await key();
    const validFor = { start: new Date(0), end: new Date(8.64e15) };
    const authority = { logID: id, publicKey, validFor };
    verifyCheckpoint({ integratedTime: '0', inclusionProof: envelope }, [authority]);
  });

  test('verify says what a quorum has seen', async () => {
    const report = await gateway.commandJson('audit', 'verify');
    assert.equal(report.quorum, 2);
    assert.equal(report.witnessed_records, report.records);
    assert.deepEqual(
      report.witnesses.map(({ operator, records }) => [operator, records]),
      [
        ['auditor', report.records],
        ['works council', report.records],
      ],
    );
    // What the witness itself keeps of the log.
    const id = log.sha256('menshen/audit').toString('hex');
    const kept = join(witnesses[0].store, `${id}.head`);
    const byKept = await gateway.commandJson('audit', 'verify', '--published', kept);
    assert.equal(byKept.published_heads, 1);
    assert.ok(byKept.ok);
    // Somebody else's list of witnesses, of whom one has signed nothing.
    const list = join(folder, 'witnesses');
    await writeFile(list, `# mine\n${witnesses[0].vkey} me\n\n${witnesses[1].vkey} me\n`);
    const mine = await gateway.commandJson('audit', 'verify', '--witness', list);
    assert.equal(mine.quorum, 1);
    await appendFile(list, `${await strangersKey('stranger')} somebody\n`);
    const two = await gateway.command('audit', 'verify', '--witness', list);
    assert.equal(two.code, 1);
    assert.match(two.stdout, /^cosignature: No head has the cosignatures of 2 operators/m);
    await appendFile(list, 'w+a1b2c3d4+BAAA\n');
    const bad = await gateway.command('audit', 'verify', '--witness', list);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /malformed_key/);
    const none = await gateway.command('audit', 'verify', '--witness', join(folder, 'none'));
    assert.match(none.stderr, /no_witnesses/);
  });

  test('a quorum that cannot be reached, or of nobody, is misuse', async () => {
    const list = join(folder, 'mine of both');
    const vkeys = witnesses.map(({ vkey }) => vkey);
    await writeFile(list, `${vkeys[0]} audit\r\n${vkeys[1]} audit \r\n`);
    const files = ['--proof', 'p', '--record', 'r', '--vkey', 'k'];
    const verify = (...more) => gateway.command('audit', 'verify', ...more);
    const audit = (...args) => run(gateway.binary, ['audit', ...args]);
    const verifyStore = (...more) => audit('verify', '--store', store, ...more);
    const check = (...more) => audit('check', ...files, ...more);
    for (const command of [verify, verifyStore, check]) {
      for (const quorum of ['0', '-1', '-18446744073709551615', '18446744073709551617', 'x']) {
        const { code, stderr } = await command('--witness', list, `--quorum=${quorum}`);
        assert.equal(code, 2, quorum);
        assert.match(stderr, /--quorum/);
      }
      const more = await command('--witness', list, '--quorum', '2');
      assert.equal(more.code, 2);
      assert.match(more.stderr, /--quorum 2 is never reached: the witnesses have 1 operators/);
      const empty = await command('--witness', '');
      assert.equal(empty.code, 2);
      assert.match(empty.stderr, /--witness/);
    }
    for (const command of [verifyStore, check]) {
      const { code, stderr } = await command('--quorum', '1');
      assert.equal(code, 2);
      assert.match(stderr, /--quorum needs witnesses/);
    }
    await writeFile(list, `${vkeys[0]} one\n${vkeys[0]} two\n`);
    const twice = await check('--witness', list);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /malformed_witnesses/);
  });

  test('a proof leads to a head that they have cosigned', async () => {
    const name = join(folder, 'mine');
    const made = await gateway.command('audit', 'proof', '--record', '1', '--output', name);
    assert.equal(made.code, 0, made.stderr);
    const files = ['--proof', `${name}.proof`, '--record', `${name}.json`];
    const vkey = ['--vkey', join(store, 'audit.vkey')];
    const check = (...more) => run(gateway.binary, ['audit', 'check', ...files, ...vkey, ...more]);
    const list = join(folder, 'both');
    await writeFile(list, witnesses.map(({ vkey: v }, i) => `${v} operator ${i}\n`).join(''));
    const both = await check('--witness', list);
    assert.equal(both.code, 0, both.stderr);
    assert.match(both.stdout, /^Witnesses of 2 operators have cosigned that head\.$/m);
    await appendFile(list, `${await strangersKey('stranger 2')} operator 2\n`);
    const more = await check('--witness', list);
    assert.equal(more.code, 1);
    assert.match(more.stderr, /not_witnessed/);
    assert.equal((await check('--witness', list, '--quorum', '2')).code, 0);
  });

  const away = () => join(gateway.folder, 'away');
  const newest = () => join(gateway.folder, 'newest');
  const putBack = async () => {
    await rename(store, newest());
    await cp(away(), store, { recursive: true });
  };

  test('an older copy is refused at the start', async () => {
    await cp(store, away(), { recursive: true });
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    await gateway.process.stop();
    await putBack();
    const { code, stderr } = await gateway.command('serve');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /w[12] has cosigned \d+ records of this log, which holds \d+: /);
    assert.match(stderr, /evidence_tampered/);
  });

  test('and by the next cosignature, where no witness could be asked at the start', async () => {
    const asked = provider.requests.length;
    await Promise.all(witnesses.map((witness) => witness.process.stop()));
    await gateway.serve();
    // It goes on past what the witnesses have seen.
    for (let i = 0; i < 9; i += 1) assert.equal((await ask()).status, 200);
    await Promise.all(witnesses.map((witness) => witness.serve()));
    const state = await until('it is not ready', async () => {
      const now = await readiness();
      return now.status === 503 ? now : null;
    });
    assert.match(state.detail, /has cosigned other records than the first \d+ of this log/);
    assert.equal(provider.requests.length, asked + 9);
    const refused = await ask();
    assert.equal(refused.status, 503);
    assert.equal(JSON.parse(refused.body).error.code, 'evidence_unavailable');
    assert.equal(provider.requests.length, asked + 9, 'the provider was not called');
    assert.match(await metrics(), /^menshen_log_contradicted 1$/m);
    assert.match(await metrics(), /^menshen_journal_healthy 0$/m);
    await until('it is told', () => events('evidence_contradicted').length === 1);
    await gateway.process.stop();
    await rm(store, { recursive: true });
    await rename(newest(), store);
    await gateway.serve();
    assert.equal((await ask()).status, 200);
  });

  test('after a loss a new log begins under a name of its own', async () => {
    await gateway.process.stop();
    const id = (origin) => log.sha256(origin).toString('hex');
    const kept = () =>
      Promise.all(witnesses.map((w) => readFile(join(w.store, `${id('menshen/audit')}.head`))));
    const before = await kept();
    await rename(store, join(gateway.folder, 'lost'));
    await configure({ origin: 'menshen/second' });
    await gateway.serve();
    await until('they do not know it', async () => {
      const failing = (await readiness()).witnesses_failing ?? [];
      return failing.length === 2 && failing.every((text) => /does not know this log/.test(text));
    });
    for (const witness of witnesses) {
      await witness.process.stop();
      witness.args.push('--log', join(gateway.folder, 'second.vkey'));
    }
    await cp(join(store, 'audit.vkey'), join(gateway.folder, 'second.vkey'));
    await Promise.all(witnesses.map((witness) => witness.serve()));
    const head = await until('they cosign', async () => {
      const note = await checkpoint();
      return isCosigned(note) ? note : null;
    });
    assert.ok(head.startsWith('menshen/second\n'));
    assert.equal((await readiness()).status, 200);
    assert.deepEqual(await kept(), before);
  });

  test('a list that cannot be is refused before anything listens', async () => {
    await gateway.process.stop();
    const check = async (change, said) => {
      await configure(change);
      const { code, stderr } = await gateway.command('config', 'check');
      assert.equal(code, 1, JSON.stringify(change));
      assert.match(stderr, said);
      assert.notEqual((await gateway.command('serve')).code, 0);
    };
    const [first, second] = witnesses.map((witness) => entry(witness, 'one'));
    await check({ witnesses: [first, second], quorum: 2 }, /quorum of 2 is never reached/);
    await check({ witnesses: [first, first] }, /is named twice/);
    await check({ witnesses: [first, { ...first, key: `x${first.key}` }] }, /both are one/);
    await check({ witnesses: [{ ...first, operator: ' ' }] }, /no blanks at its ends/);
    await check({ witnesses: [{ ...first, key: 'x' }] }, /verifier key/);
    const wrong = first.key.replace(/\+[0-9a-f]{8}\+/, '+00000000+');
    await check({ witnesses: [{ ...first, key: wrong }] }, /id does not belong to the key/);
    await check({ witnesses: [{ ...first, ca: './menshen.yaml' }] }, /not use https/);
    await writeFile(join(gateway.folder, 'no.pem'), 'nothing');
    const tls = `https://127.0.0.1:${await freePort()}`;
    await check({ witnesses: [{ ...first, url: tls, ca: './no.pem' }] }, /no\.pem/);
  });
});
