// The log over HTTP, as C2SP tlog-tiles has it: what the admin address hands to whoever verifies.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { readByGo, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import * as log from '../support/log.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { exchange, send } from '../support/raw.mjs';

const token = 'token-of-the-auditor-0123456789';
const clients = 8;

describe('the log, served', () => {
  let provider;
  let gateway;
  let key;

  const askMany = (count) =>
    Promise.all(
      Array.from({ length: clients }, async (_, n) => {
        for (let i = n; i < count; i += clients) {
          await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
        }
      }),
    );
  const get = (path, { method = 'GET', headers = { authorization: `Bearer ${token}` } } = {}) =>
    fetch(`${gateway.adminUrl}/log/${path}`, { method, headers });
  const bytes = async (path) => {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    return Buffer.from(await answer.arrayBuffer());
  };
  // The bodies that a tree of `size` has, each piece as the last head of that size needs it.
  const bodiesOf = async (size) => {
    const bodies = [];
    for (let index = 0; index * log.bundleRecords < size; index += 1) {
      const width = Math.min(size - index * log.bundleRecords, log.bundleRecords);
      const bundle = log.splitEntries(await bytes(log.bundlePath(index, width)));
      assert.equal(bundle.length, width);
      const hashes = log.splitHashes(await bytes(log.tilePath(0, index, width)));
      assert.deepEqual(hashes, bundle.map(log.leafHash));
      bodies.push(...bundle);
    }
    return bodies;
  };
  const headOf = async () => log.openHead((await bytes('checkpoint')).toString(), key);

  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      adminOptions: { token: { env: 'MENSHEN_LOG_TOKEN' } },
      env: { MENSHEN_LOG_TOKEN: token },
    });
    await askMany(160);
    key = log.parseVkey(await readFile(join(storeOf(gateway), 'audit.vkey'), 'utf8'));
    await until('a head covers what was asked', async () => (await headOf()).size > 320);
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  test('has the root that was signed, for this head and for each before it', async () => {
    const head = await headOf();
    const leaves = (await bodiesOf(head.size)).map(log.leafHash);
    assert.deepEqual(log.treeRoot(leaves), head.root);
    const above = log.splitHashes(await bytes(log.tilePath(1, 0, 1)));
    assert.deepEqual(above, [log.treeRoot(leaves.slice(0, log.bundleRecords))]);
    const heads = log.splitHeads(await readFile(join(storeOf(gateway), 'heads'), 'utf8'));
    for (const { size, root } of heads.map((note) => log.openHead(note, key))) {
      const then = (await bodiesOf(size)).map(log.leafHash);
      assert.deepEqual(log.treeRoot(then), root, String(size));
    }
  });

  test('is read by Go while the gateway writes', async () => {
    let loading = true;
    const loads = (async () => {
      while (loading) await askMany(clients);
    })();
    try {
      const address = `${gateway.adminUrl}/log`;
      for (let i = 0; i < 3; i += 1) {
        const { code, stdout, stderr } = await readByGo(gateway, { heads: false, address, token });
        assert.equal(code, 0, stderr);
        assert.match(stdout, /all hold/);
      }
    } finally {
      loading = false;
      await loads;
    }
  });

  test('answers as a static server that knows what never changes', async () => {
    for (const path of [log.bundlePath(0), log.tilePath(0, 0), log.tilePath(1, 0, 1)]) {
      const { headers } = await get(path);
      assert.equal(headers.get('content-type'), 'application/octet-stream');
      assert.equal(headers.get('cache-control'), 'private, max-age=31536000, immutable');
    }
    const { headers } = await get('checkpoint');
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-cache');
    const whole = await bytes(log.bundlePath(0));
    const head = await get(log.bundlePath(0), { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), String(whole.length));
    assert.equal((await head.arrayBuffer()).byteLength, 0);
    const put = await get(log.bundlePath(0), { method: 'PUT' });
    assert.equal(put.status, 405);
    assert.equal(put.headers.get('allow'), 'GET, HEAD');
  });

  test('has no other file', async () => {
    const paths = ['tile/0/999', 'tile/entries/999.p/1', 'tile/0/000.p/256', 'tile/8/000', 'heads'];
    for (const path of [...paths, '..%2faudit.key', 'tile/entries/..%2f..%2f..%2faudit.key', '']) {
      const answer = await get(path);
      assert.equal(answer.status, 404, path);
      assert.equal((await answer.json()).code, 'no_such_log_file', path);
    }
    for (const target of ['/log/../audit.key', '/log/tile/entries/../../../audit.key']) {
      const shown = `authorization: Bearer ${token}`;
      const request = `GET ${target} HTTP/1.1\r\nhost: admin\r\n${shown}\r\n\r\n`;
      const raw = await exchange({ port: gateway.adminPort }, request);
      assert.equal(raw.status, 404, target);
    }
  });

  test('is for who shows the token, and for nobody where there is none', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
      const answer = await get('checkpoint', { headers });
      assert.equal(answer.status, 401);
      assert.equal((await answer.json()).code, 'invalid_admin_token');
    }
    const open = await Gateway.start({ upstream: provider.url });
    try {
      const answer = await fetch(`${open.adminUrl}/log/checkpoint`);
      assert.equal(answer.status, 404);
      assert.equal((await answer.json()).code, 'unknown_path');
    } finally {
      await open.stop();
    }
  });
});
