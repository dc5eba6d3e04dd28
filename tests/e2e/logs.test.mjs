// What an operator reads in the log: exchanges, upstreams, answers to signals; and that nobody who
// does not read holds the gateway.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const lines = (gateway) =>
  gateway.process.output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));
const of = (gateway, event) => lines(gateway).filter((line) => line.event === event);
const chat = (content = 'Good day.') =>
  JSON.stringify({ ...apis.chat.base, messages: [{ role: 'user', content }] });

let provider;
let sick = false;
before(async () => {
  provider = await Provider.start();
  provider.handler = (request, reply) =>
    sick ? reply.json(503, { error: { message: 'ill' } }) : answerCleanly(request, reply);
});
after(() => provider.stop());

describe('the log', () => {
  let gateway;
  let elsewhere;
  const readiness = async () => (await fetch(`${gateway.adminUrl}/readyz`)).json();
  before(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'menshen-heads-'));
    await mkdir(join(elsewhere, 'there'));
    gateway = await Gateway.start({
      upstream: provider.url,
      upstreamOptions: { breaker: { failures: 2, open_ms: 1 }, retries: 0 },
      config: {
        routes: [{ models: ['*'], upstreams: [{ name: 'core', model: 'qwen3-32b' }] }],
        audit: { publish: join(elsewhere, 'there', 'heads') },
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await rm(elsewhere, { recursive: true });
  });

  test('has a line for an exchange, without its content', async () => {
    const text = 'Write to li.si@corp.example.';
    assert.equal((await send(gateway, apis.chat.path, chat(text))).status, 200);
    const [line] = await until('it is written', () => {
      const found = of(gateway, 'exchange').filter(({ api }) => api === 'openai_chat');
      return found.length > 0 && found;
    });
    assert.equal(line.level, 'info');
    assert.equal(line.status, 200);
    assert.equal(line.decision, 'redact');
    assert.equal(line.model, apis.chat.base.model);
    assert.equal(line.served, 'qwen3-32b');
    assert.equal(line.route, '*');
    assert.equal(line.upstream, 'core');
    assert.equal(line.upstream_status, 200);
    assert.equal(line.access_rule, 'everyone-may');
    assert.deepEqual(line.rules, ['pii-in']);
    assert.deepEqual(line.findings_request, ['email']);
    assert.deepEqual(line.groups, ['demo']);
    assert.equal(line.request_bytes, Buffer.byteLength(chat(text)));
    assert.ok(line.response_bytes > 0);
    assert.ok(line.duration_us >= line.upstream_wait_us);
    assert.match(line.exchange, /^[0-9a-f-]{36}$/);
    for (const secret of ['li.si', 'alice', gateway.key]) {
      assert.ok(!gateway.process.output.includes(secret), secret);
    }
  });

  test('tells of an upstream that goes down and comes back, once each', async () => {
    sick = true;
    for (let i = 0; i < 6; i += 1) {
      assert.equal((await send(gateway, apis.chat.path, chat())).status >= 500, true);
    }
    await until('it is told', () => of(gateway, 'upstream_down').length > 0);
    sick = false;
    await until('it is up', async () => {
      await send(gateway, apis.chat.path, chat());
      return of(gateway, 'upstream_up').length > 0;
    });
    assert.deepEqual(
      lines(gateway)
        .filter(({ event }) => event.startsWith('upstream_'))
        .map(({ event, level, detail }) => [event, level, detail]),
      [
        [
          'upstream_down',
          'warning',
          'core: 2 calls in a row failed, the last with status 503',
        ],
        ['upstream_up', 'warning', 'core: a call succeeded'],
      ],
    );
  });

  test('tells of heads that cannot be published, as readiness and metrics do', async () => {
    await rename(join(elsewhere, 'there'), join(elsewhere, 'gone'));
    await until('it is told', async () => {
      await send(gateway, apis.chat.path, chat());
      return of(gateway, 'publishing_failed').length === 1;
    });
    const state = await readiness();
    assert.equal(state.status, 'ready', 'the log itself is written');
    assert.match(state.publishing_failed, /heads: .*evidence_unavailable/);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(metrics, /^menshen_journal_publishing 0$/m);
    assert.match(metrics, /^menshen_journal_publish_failures_total [1-9]/m);
    await rename(join(elsewhere, 'gone'), join(elsewhere, 'there'));
    await until('it goes on', () => of(gateway, 'publishing_resumed').length === 1);
    assert.equal((await readiness()).publishing_failed, undefined);
  });
});

test('answers to signals are told at the level error', async () => {
  const gateway = await Gateway.start({
    upstream: provider.url,
    config: { log: { level: 'error' } },
  });
  assert.equal((await send(gateway, apis.chat.path, chat())).status, 200);
  gateway.process.child.kill('SIGHUP');
  await until('it is told', () => of(gateway, 'reloaded').length === 1);
  const rules = await gateway.read('policy.yaml');
  await gateway.write('policy.yaml', 'access: 3');
  gateway.process.child.kill('SIGHUP');
  await until('it is told', () => of(gateway, 'reload_refused').length === 1);
  assert.equal(of(gateway, 'reload_problem')[0].level, 'error');
  assert.equal(of(gateway, 'exchange').length, 0);
  await gateway.write('policy.yaml', rules.toString());
  await gateway.stop();
  assert.deepEqual(
    lines(gateway)
      .map(({ event }) => event)
      .filter((event) => !event.startsWith('reload_')),
    ['listening', 'reloaded', 'draining', 'stopped'],
  );
});

test('a reader of standard output that stalls holds neither exchanges nor the end', async () => {
  const gateway = await Gateway.start({
    upstream: provider.url,
    config: { routes: [{ models: ['known'], upstreams: [{ name: 'core' }] }] },
  });
  const { child } = gateway.process;
  child.stdout.pause();
  const exited = new Promise((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
  // More lines than any buffer on the way takes.
  for (let i = 0; i < 40; i += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => send(gateway, apis.chat.path, chat())),
    );
    assert.ok(answers.every(({ status }) => status === 404));
  }
  child.kill('SIGTERM');
  assert.equal(await exited, 0);
  child.stdout.resume();
  await gateway.stop();
});
