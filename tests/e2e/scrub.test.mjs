// A log that is changed on the disk while the gateway runs: the gateway finds it, says so, and
// serves.
import assert from 'node:assert/strict';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('the log read again', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      limits: { scrub_bytes_per_second: 1024 * 1024 * 1024 },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = async () => {
    const body = { ...apis.chat.base, model: 'demo', messages: [{ role: 'user', content: 'Hi' }] };
    return (await send(gateway, apis.chat.path, JSON.stringify(body))).status;
  };
  const metric = async (name) => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1]);
  };
  const readiness = async () => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    assert.equal(answer.status, 200);
    return answer.json();
  };
  const events = (event) =>
    gateway.process.output
      .split('\n')
      .filter((line) => line.includes(`"event":"${event}"`))
      .map((line) => JSON.parse(line));
  // At once, so that nobody reads half of it.
  const put = async (file, bytes) => {
    await writeFile(`${file}.tmp`, bytes);
    await rename(`${file}.tmp`, file);
  };

  test('says what was changed and where, goes on, and says when it is mended', async () => {
    for (let i = 0; i < 13; ++i) {
      const statuses = await Promise.all(Array.from({ length: 10 }, ask));
      assert.ok(statuses.every((status) => status === 200));
    }
    await until('the log was read', async () => {
      return (await metric('menshen_audit_scrub_position_records')) >= 256;
    });
    assert.equal(await metric('menshen_audit_problems'), 0);
    const bundle = join(storeOf(gateway), 'log/tile/entries/000');
    const [name] = await readdir(join(storeOf(gateway), 'policies'));
    const policy = join(storeOf(gateway), 'policies', name);
    const good = [await readFile(bundle), await readFile(policy)];
    const changed = Buffer.from(good[0]);
    changed[changed.lastIndexOf('"decision":"') + 12] ^= 1;
    await put(bundle, changed);
    await put(policy, Buffer.concat([good[1], Buffer.from('# no more\n')]));

    await until('it is found', async () => (await metric('menshen_audit_problems')) === 2);
    assert.deepEqual(
      events('evidence_damaged').map(({ level, detail }) => [level, detail.split(' was ')[0]]),
      [
        ['error', 'text_altered: Record 1: The text of a policy that it names'],
        ['error', 'altered: Record 255'],
      ],
    );
    assert.match((await readiness()).evidence_damaged, /^text_altered: /);
    assert.equal(await ask(), 200);

    await put(bundle, good[0]);
    await put(policy, good[1]);
    await until('it is mended', async () => (await metric('menshen_audit_problems')) === 0);
    await until('the log says so', () => events('evidence_intact').length === 1);
    assert.equal(events('evidence_damaged').length, 2);
    assert.equal((await readiness()).evidence_damaged, undefined);
    assert.ok((await metric('menshen_audit_scrub_walked_timestamp_seconds')) > 0);
    assert.equal((await gateway.command('audit', 'verify')).code, 0);
  });
});
