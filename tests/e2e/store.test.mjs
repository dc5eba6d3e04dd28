// The store as a place: what was put back, emptied or taken away is refused, and said.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { bundleRecords } from '../support/log.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('the store', () => {
  let provider;
  let gateway;
  let store;
  let heads;
  const away = () => join(gateway.folder, 'away');
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      config: { audit: { publish: './heads' } },
    });
    store = join(gateway.folder, 'var');
    heads = join(gateway.folder, 'heads');
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = () => send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
  const readiness = async () => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    return { ...(await answer.json()), status: answer.status };
  };
  const refusedStart = async () => {
    const { code, stderr } = await gateway.command('serve');
    assert.equal(code, 1, stderr);
    return stderr;
  };

  test('taken away under a running gateway: refused until it is back', async () => {
    assert.equal((await ask()).status, 200);
    const asked = provider.requests.length;
    await rename(store, away());
    const refused = await ask();
    assert.equal(refused.status, 503, refused.body.toString());
    assert.equal(JSON.parse(refused.body).error.code, 'evidence_unavailable');
    assert.equal(provider.requests.length, asked, 'the provider was not called');
    const state = await readiness();
    assert.equal(state.status, 503);
    assert.match(state.detail, /moved or deleted/);
    await rename(away(), store);
    await until('exchanges pass again', async () => (await ask()).status === 200);
    assert.equal((await readiness()).status, 200);
    const told = () => gateway.process.output.match(/"event":"evidence_(failed|resumed)"/g) ?? [];
    await until('the log says so', () => told().length >= 2);
    assert.deepEqual(told(), ['"event":"evidence_failed"', '"event":"evidence_resumed"']);
  });

  test('without any traffic /readyz sees it too', async () => {
    await rename(store, away());
    await until('/readyz says so', async () => (await readiness()).status === 503);
    await rename(away(), store);
    await until('/readyz is well again', async () => (await readiness()).status === 200);
  });

  test('verify compares the published heads of the configuration', async () => {
    const report = await gateway.commandJson('audit', 'verify');
    assert.ok(report.ok);
    assert.ok(report.published_heads > 0, JSON.stringify(report));
  });

  test('put back whole: the start and verify refuse it', async () => {
    await gateway.process.stop();
    await cp(store, away(), { recursive: true });
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    await gateway.process.stop();
    const newest = join(gateway.folder, 'newest');
    await rename(store, newest);
    await rename(away(), store);
    assert.match(await refusedStart(), /an old copy was put back.*evidence_tampered/);
    const { code, stdout } = await gateway.command('audit', 'verify');
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^cut_off: /m);
    await rm(store, { recursive: true });
    await rename(newest, store);
    await gateway.serve();
    assert.equal((await ask()).status, 200);
  });

  test('a part taken away: the start refuses it, and verify names it', async () => {
    // So many that the segments no longer hold the first ones.
    for (let i = 0; i < 4 * bundleRecords; i += 1) assert.equal((await ask()).status, 200);
    await gateway.process.stop();
    for (const name of [
      'segment.0',
      'segment.1',
      'log/tile/entries/000',
      'log/tile/0/000',
      'log/checkpoint',
      'heads',
    ]) {
      await rename(join(store, name), away());
      assert.match(await refusedStart(), /evidence_(gone|tampered|unreadable)/, name);
      const { code, stdout, stderr } = await gateway.command('audit', 'verify');
      // One of the two segments may hold no record that is not in a bundle.
      if (!name.startsWith('segment')) assert.equal(code, 1, `${name}: ${stdout}${stderr}`);
      await rename(away(), join(store, name));
    }
    await gateway.serve();
    assert.equal((await ask()).status, 200);
  });

  test('an older segment put back: refused', async () => {
    await gateway.process.stop();
    const segments = ['segment.0', 'segment.1'].map((name) => join(store, name));
    const older = await Promise.all(segments.map((file) => readFile(file)));
    await gateway.serve();
    assert.equal((await ask()).status, 200);
    await gateway.process.stop();
    let changed = 0;
    for (const [i, file] of segments.entries()) {
      const newer = await readFile(file);
      if (newer.equals(older[i])) continue;
      changed += 1;
      await writeFile(file, older[i]);
      assert.match(await refusedStart(), /an old copy was put back.*evidence_tampered/);
      await writeFile(file, newer);
    }
    assert.ok(changed > 0);
    await gateway.serve();
    assert.equal((await ask()).status, 200);
  });

  test('emptied, or without its published heads: not begun anew', async () => {
    await gateway.process.stop();
    await rename(heads, away());
    await writeFile(heads, 'nothing of this log\n');
    assert.match(await refusedStart(), /holds no head.*evidence_tampered/);
    await rename(away(), heads);
    await rename(store, away());
    await mkdir(store, { mode: 0o700 });
    assert.match(await refusedStart(), /evidence_tampered/);
    await rm(store, { recursive: true });
    await rename(away(), store);
    await gateway.serve();
    assert.equal((await ask()).status, 200);
  });
});
