// SIGHUP: upstreams, routes and policy come into force together, or not at all.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { Authority } from '../support/certificates.mjs';
import { records } from '../support/evidence.mjs';
import { Gateway, policy, refuse } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('a reload', () => {
  let first;
  let second;
  let gateway;
  let written;
  before(async () => {
    first = await Provider.start();
    second = await Provider.start();
    for (const provider of [first, second]) provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: first.url });
    written = JSON.parse(await readFile(gateway.file, 'utf8'));
  });
  after(async () => {
    await gateway.stop();
    await first.stop();
    await second.stop();
  });

  const ask = (content = 'Good day.') => {
    const body = { ...apis.chat.base, messages: [{ role: 'user', content }] };
    return send(gateway, apis.chat.path, JSON.stringify(body));
  };
  const count = (event) => gateway.process.output.split(`"event":"${event}"`).length - 1;
  // Resolves when the log has one more of these events.
  const reload = async (config, rules, event) => {
    if (config) await gateway.write('menshen.yaml', config);
    if (rules) await gateway.write('policy.yaml', rules);
    const before = count(event);
    gateway.process.kill('SIGHUP');
    await until(`the log says ${event}`, () => count(event) > before);
  };
  const towards = (provider, changes = {}) => ({
    ...written,
    upstreams: [{ ...written.upstreams[0], url: provider.url }],
    ...changes,
  });
  const readiness = async () => (await fetch(`${gateway.adminUrl}/readyz`)).json();
  const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text();
  const refusing = policy({
    content: [refuse('no-mail', 'request', { types: ['email'] })],
  });

  test('brings upstream and policy into force together', async () => {
    assert.equal((await ask('Write to li.si@corp.example.')).status, 200);
    assert.equal(first.requests.length, 1);
    await reload(towards(second), refusing, 'reloaded');
    assert.equal((await ask()).status, 200);
    assert.equal(second.requests.length, 1);
    assert.equal((await ask('Write to li.si@corp.example.')).status, 403);
    assert.equal(first.requests.length, 1);
  });

  test('keeps the text of every policy that records refer to', async () => {
    const folder = `${gateway.folder}/var/policies`;
    const kept = await readdir(folder);
    for (const name of kept) {
      const text = await readFile(`${folder}/${name}`);
      assert.equal(name, `${createHash('sha256').update(text).digest('hex')}.yaml`);
      assert.equal((await stat(`${folder}/${name}`)).mode & 0o777, 0o600);
    }
    const referred = new Set((await records(gateway)).map((r) => r.policy).filter(Boolean));
    // In full where it came into force, by its first digits where it judged.
    const named = (length) => [...referred].filter((hash) => hash.length === length).sort();
    assert.deepEqual(named(64).map((hash) => `${hash}.yaml`), kept.sort());
    assert.deepEqual(named(16), kept.map((name) => name.slice(0, 16)));
  });

  test('to a policy whose text cannot be kept is refused', async () => {
    const folder = `${gateway.folder}/var/policies`;
    await rename(folder, `${folder}.away`);
    await gateway.write('var/policies', 'no folder');
    const third = policy({ content: [refuse('third', 'request', { types: ['email'] })] });
    await reload(null, third, 'reload_refused');
    assert.match(gateway.process.output, /"event":"reload_problem","detail":"[^"]*policies/);
    await rm(folder);
    await rename(`${folder}.away`, folder);
    assert.equal((await ask('Write to li.si@corp.example.')).status, 403);
  });

  test('with an error in either file changes nothing of both', async () => {
    const asked = second.requests.length;
    await reload(towards(first), 'access: 3', 'reload_refused');
    await reload({ ...towards(first), routes: [], nothing: 1 }, policy(), 'reload_refused');
    assert.equal((await ask()).status, 200);
    assert.equal((await ask('Write to li.si@corp.example.')).status, 403);
    assert.equal(second.requests.length, asked + 1);
    assert.equal(first.requests.length, 1);
  });

  test('that was refused is shown, and does not make the gateway unready', async () => {
    await reload(towards(second), 'access: 3', 'reload_refused');
    await until('/readyz says so', async () => !(await readiness()).reload.applied);
    const { status, reload: last } = await readiness();
    assert.equal(status, 'ready');
    assert.match(last.problem, /policy\.yaml:1:1$/);
    assert.match(await metrics(), /^menshen_config_last_reload_successful 0$/m);
    const refused = /^menshen_reloads_total\{result="refused"\} (\d+)$/m;
    assert.equal(refused.exec(await metrics())[1], '4');
    await reload(null, refusing, 'reloaded');
    await until('/readyz says so', async () => (await readiness()).reload.applied);
    assert.match(await metrics(), /^menshen_config_last_reload_successful 1$/m);
    const since = /^menshen_config_last_reload_success_timestamp_seconds (\S+)$/m;
    assert.ok(Number(since.exec(await metrics())[1]) > 1.7e9);
  });

  test('says what needs a restart, and reloads the rest', async () => {
    const changed = towards(first, {
      limits: { ...written.limits, json_depth_max: 32 },
      threads: 1,
      audit: { publish: './heads' },
      log: { level: 'warning' },
    });
    await reload(changed, policy(), 'restart_needed');
    const kept = async () => (await readiness()).reload.restart_needed;
    await until('/readyz says so', kept);
    const keys = ['threads', 'audit.publish', 'limits.json_depth_max'];
    assert.deepEqual((await kept()).filter((key) => key !== 'threads'), keys.slice(1));
    const said = /"event":"restart_needed","detail":"limits.json_depth_max"/;
    await until('the log says so', () => said.test(gateway.process.output));
    const lines = count('exchange');
    assert.equal((await ask()).status, 200);
    assert.equal(count('exchange'), lines, 'the level of the log has changed');
    await reload(towards(first), policy(), 'reloaded');
    assert.equal((await ask()).status, 200);
    assert.equal(first.requests.length, 3);
  });

  test('names what rules name and nothing has, at the start too', async () => {
    const typo = { id: 'no-legl', effect: 'deny', who: { groups: ['legl'] } };
    const access = [...policy().access, typo];
    await gateway.createKey('bob', ['legal']);
    await reload(null, policy({ access }), 'reload_warning');
    const told = /No API key has the group ..legl..: this name matches nobody. Did you mean legal/;
    await until('the log says so', () => told.test(gateway.process.output));
    await gateway.process.stop();
    await gateway.serve();
    assert.match(gateway.process.output, /policy\.yaml:\S+ access\[1\]\.who\.groups\[0\]: warning/);
  });

  test('leaves an exchange with what it began with', async () => {
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    first.handler = async (request, reply) => {
      await held;
      return answerCleanly(request, reply);
    };
    const asked = first.requests.length;
    const answer = ask();
    await until('the provider is asked', () => first.requests.length > asked);
    await reload(towards(second), policy(), 'reloaded');
    release();
    assert.equal((await answer).status, 200);
    assert.equal((await ask()).status, 200);
    assert.equal(first.requests.length, asked + 1);
  });
});

test('a reload whose certificate does not load changes nothing of the rest', async () => {
  const gateway = await Gateway.start({ upstream: 'http://127.0.0.1:9' });
  try {
    const authority = await Authority.make(gateway.folder);
    const tls = await authority.issue('server', 'IP:127.0.0.1');
    const other = await authority.issue('other', 'IP:127.0.0.1');
    const written = JSON.parse(await readFile(gateway.file, 'utf8'));
    await gateway.write('menshen.yaml', { ...written, listen: { ...written.listen, tls } });
    await gateway.process.stop();
    await gateway.serve();
    const count = (event) => gateway.process.output.split(`"event":"${event}"`).length - 1;
    const readiness = async () => (await fetch(`${gateway.adminUrl}/readyz`)).json();

    await copyFile(other.certificate, tls.certificate); // its key is another one
    const rules = policy({ content: [refuse('no-mail', 'request', { types: ['email'] })] });
    await gateway.write('policy.yaml', rules);
    gateway.process.kill('SIGHUP');
    await until('it is refused', () => count('reload_refused') === 1);
    assert.equal(count('certificates_refused'), 1);
    assert.equal(count('reloaded'), 0);
    assert.equal((await readiness()).reload.applied, false);

    await copyFile(other.key, tls.key);
    gateway.process.kill('SIGHUP');
    await until('it is in force', () => count('reloaded') === 1);
    assert.equal(count('certificates_reloaded'), 1);
  } finally {
    await gateway.stop();
  }
});
