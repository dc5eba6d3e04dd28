// What is done to API keys stands in the log: once, in order, before it counts.
import assert from 'node:assert/strict';
import { copyFile, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { answerCleanly, apis } from '../support/apis.mjs';
import { records, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';

const schema = JSON.parse(
  await readFile(new URL('../../audit/record.schema.json', import.meta.url), 'utf8'),
);

describe('changes of API keys', () => {
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

  const changes = async () =>
    (await records(gateway)).filter(({ type }) => type === 'credential');
  const told = async () =>
    (await changes()).map(({ change, subject }) =>
      [change.number ?? 0, change.action, subject ?? '-'].join(' '),
    );
  const recorded = (count) =>
    until(`${count} changes are recorded`, async () => (await changes()).length >= count);
  const make = (subject) =>
    gateway.commandJson('keys', 'create', '--subject', subject, '--groups', 'demo');
  const ask = (key) =>
    fetch(`${gateway.url}${apis.chat.path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(apis.chat.base),
    });
  const kill = () => gateway.process.kill('SIGKILL');

  test('made before the gateway ran stand before its start', async () => {
    const [first, second] = await records(gateway);
    assert.equal(first.type, 'credential');
    assert.equal(first.credential, gateway.keyId);
    assert.equal(second.type, 'start');
  });

  test('are recorded while the gateway runs, without anything of the key', async () => {
    const made = await make('bob');
    await recorded(2);
    const next = await gateway.commandJson('keys', 'rotate', made.id, '--overlap-hours', '1');
    await recorded(3);
    assert.equal((await gateway.command('keys', 'revoke', next.id)).code, 0);
    await recorded(4);
    const validate = new Ajv({ strictTypes: false }).compile(schema);
    const [, created, rotated, revoked] = await changes();
    for (const record of [created, rotated, revoked]) {
      assert.ok(validate(record), JSON.stringify(validate.errors));
      assert.equal(record.subject, 'bob');
      assert.deepEqual(record.groups, ['demo']);
    }
    assert.deepEqual(created.change, { action: 'created', number: 2 });
    assert.equal(created.credential, made.id);
    assert.equal(created.time, made.created);
    const { retires, ...rest } = rotated.change;
    assert.deepEqual(rest, { action: 'rotated', number: 3, replaces: made.id });
    assert.equal(Date.parse(retires) - Date.parse(rotated.time), 3_600_000);
    assert.equal(rotated.credential, next.id);
    assert.deepEqual(revoked.change, { action: 'revoked', number: 4, replaces: made.id });
    assert.equal(revoked.credential, next.id);
    const text = JSON.stringify(await records(gateway));
    for (const { key } of [made, next]) {
      const [, , secret] = key.split('_');
      assert.ok(secret.length > 30);
      assert.ok(!text.includes(secret) && !text.includes(secret.slice(0, 32)));
    }
  });

  test('are recorded before the first use of the key', async () => {
    const { key, id } = await make('carol');
    await until('the key counts', async () => (await ask(key)).status === 200);
    const all = await records(gateway);
    const change = all.find(({ type, credential }) => type === 'credential' && credential === id);
    const use = all.find(({ type, credential }) => type === 'intent' && credential === id);
    assert.ok(change.seq < use.seq, `${change.seq} ${use.seq}`);
  });

  test('are found by subject, group and event', async () => {
    const found = async (...options) =>
      (await gateway.commandJson('audit', 'find', '--event', 'credential', ...options)).records;
    const numbers = async (...options) =>
      (await found(...options)).map(({ change }) => change.number);
    assert.deepEqual(await numbers('--subject', 'bob'), [4, 3, 2]);
    assert.deepEqual(await numbers('--subject', 'bob', '--scan'), [4, 3, 2]);
    assert.deepEqual(await numbers('--group', 'demo'), [5, 4, 3, 2, 1]);
    const { stdout } = await gateway.command('audit', 'find', '--event', 'credential');
    assert.match(stdout, /\tcredential\trevoked\tbob\t/);
  });

  test('made while no gateway runs are recorded at its start, and none twice', async () => {
    const before = await told();
    await kill();
    const { id } = await make('dora');
    assert.equal((await gateway.command('keys', 'revoke', id)).code, 0);
    await rm(join(storeOf(gateway), 'index.db'), { force: true });
    await gateway.serve();
    const expected = [...before, '6 created dora', '7 revoked dora'];
    assert.deepEqual(await told(), expected);
    await kill();
    await gateway.serve();
    await make('eve');
    await recorded(expected.length + 1);
    assert.deepEqual(await told(), [...expected, '8 created eve']);
  });

  test('of an older keys.db that was put back are told of, and begin anew', async () => {
    const file = join(storeOf(gateway), 'keys.db');
    await copyFile(file, `${file}.old`);
    await make('frank');
    await until('it is recorded', async () => (await told()).at(-1) === '9 created frank');
    const before = await told();
    await rename(`${file}.old`, file);
    await until('the log says so', () => /"event":"keys_replaced"/.test(gateway.process.output));
    const anew = before.slice(0, -1);
    await until('all are recorded', async () => (await told()).length > before.length * 2 - 1);
    assert.deepEqual(await told(), [...before, '0 store_replaced -', ...anew]);
    const validate = new Ajv({ strictTypes: false }).compile(schema);
    for (const record of await changes()) assert.ok(validate(record), JSON.stringify(record));
  });

  test('that cannot be read admit nobody, and the gateway says so and why', async () => {
    const { key } = await make('grace');
    await until('the key counts', async () => (await ask(key)).status === 200);
    const file = join(storeOf(gateway), 'keys.db');
    await rename(file, `${file}.away`);
    await until('nobody is admitted', async () => (await ask(key)).status === 503);
    const refused = await (await ask(key)).json();
    assert.equal(refused.error.code, 'identity_unavailable');
    const ready = await fetch(`${gateway.adminUrl}/readyz`);
    assert.equal(ready.status, 503);
    assert.match((await ready.json()).detail, /^API keys cannot be checked: .*keys\.db/);
    const metric = async () => (await (await fetch(`${gateway.adminUrl}/metrics`)).text());
    assert.match(await metric(), /^menshen_identity_healthy 0$/m);
    const said = (event) => gateway.process.output.split(`"event":"${event}"`).length - 1;
    await until('the log says so', () => said('identity_failed') === 1);
    await rename(`${file}.away`, file);
    await until('the key counts again', async () => (await ask(key)).status === 200);
    await until('the log says so', () => said('identity_resumed') === 1);
    assert.equal(said('identity_failed'), 1);
    assert.equal((await fetch(`${gateway.adminUrl}/readyz`)).status, 200);
    assert.match(await metric(), /^menshen_identity_healthy 1$/m);
  });
});
