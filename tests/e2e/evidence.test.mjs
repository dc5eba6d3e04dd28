// Law 3: no byte before its evidence, seen from both sides of the gateway.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatBody, chatChoice, pathOf } from '../support/apis.mjs';
import { records, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { alterRecord, bundleRecords } from '../support/log.mjs';
import { run } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { email, mobile, privateKey } from '../support/specimens.mjs';

describe('evidence', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({ upstream: provider.url });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = (api, change = {}) =>
    send(gateway, pathOf(api, 'm'), JSON.stringify({ ...apis[api].base, ...change }));
  const countsOf = (groups) =>
    Object.fromEntries(groups.map(({ type, count }) => [type, count]));
  const of = (all, answer) =>
    all.filter(({ exchange }) => exchange === answer.headers['x-menshen-exchange']);

  for (const [name, api] of Object.entries(apis)) {
    for (const stream of api.events ? [false, true] : [false]) {
      test(`${name}${stream ? ', streamed' : ''}: intent, provider, outcome, end`, async () => {
        let intents;
        provider.handler = async (request, reply) => {
          intents = (await records(gateway)).filter(({ type }) => type === 'intent');
          await answerCleanly(request, reply);
        };
        const answer = await ask(name, stream ? { stream } : {});
        const mine = of(await records(gateway), answer);
        assert.deepEqual(
          mine.map(({ type }) => type),
          ['intent', 'outcome'],
        );
        const [intent, outcome] = mine;
        assert.ok(
          intents.some(({ exchange }) => exchange === intent.exchange),
          'the intent was on disk when the provider was called',
        );
        assert.equal(intent.subject, 'alice');
        assert.equal(intent.upstream, 'core');
        assert.equal(outcome.status, 200);
        assert.equal(outcome.complete, true);
        assert.equal(outcome.decision, answer.headers['x-menshen-decision']);
        assert.equal(outcome.policy, answer.headers['x-menshen-policy'].slice(0, 16));
        assert.equal(outcome.intent, intent.seq);
        assert.ok(outcome.scanned_segments > 0);
        const { id, choices, stop_reason, done_reason, status } = api.reply;
        const reason = choices?.[0].finish_reason ?? stop_reason ?? done_reason ?? status;
        assert.equal(outcome.answer_id, id);
        assert.deepEqual(outcome.finish, reason && [reason]);
      });
    }
  }

  test('a refusal has one record, and the provider was not called', async () => {
    const answer = await ask('chat', { messages: [{ role: 'user', content: privateKey }] });
    assert.equal(answer.status, 403);
    const [outcome, ...more] = of(await records(gateway), answer);
    assert.deepEqual(more, []);
    assert.equal(outcome.decision, 'deny');
    assert.deepEqual(countsOf(outcome.findings_request), { private_key: 1 });
    assert.equal(outcome.rules[0].rule, 'secrets-in');
  });

  test('counts are kept, values are not', async () => {
    const text = `mail ${email.value} or call ${mobile.value}`;
    provider.handler = (request, reply) =>
      reply.json(200, chatBody([chatChoice({ content: `again: ${mobile.value}` })]));
    const answer = await ask('chat', { messages: [{ role: 'user', content: text }] });
    const [, outcome] = of(await records(gateway), answer);
    assert.deepEqual(countsOf(outcome.findings_request), { cn_mobile: 1, email: 1 });
    assert.deepEqual(countsOf(outcome.findings_response), { cn_mobile: 1 });
    for (const [groups, role] of [
      [outcome.findings_request, 'user'],
      [outcome.findings_response, 'assistant'],
    ]) {
      for (const group of groups) {
        assert.equal(group.action, 'redact');
        assert.equal(group.role, role);
        assert.deepEqual(
          group.rules.map((place) => outcome.rules[place].rule),
          [role === 'user' ? 'pii-in' : 'pii-out'],
        );
      }
    }
    assert.equal(outcome.decision, 'redact');
    assert.equal(outcome.input_tokens, 5);
    assert.equal(outcome.output_tokens, 7);
  });

  // Law 8, over everything that the gateway wrote in this file.
  test('no value, key or text stands in the log, the store or the metrics', async () => {
    const kept = JSON.stringify(await records(gateway));
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const written = { kept, metrics, output: gateway.process.output };
    const secrets = [
      email.value,
      mobile.value,
      gateway.key,
      privateKey.slice(40, 80),
      'All is well',
    ];
    for (const [where, text] of Object.entries(written)) {
      assert.ok(text.length > 0, `${where} is empty`);
      for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${where}`);
    }
  });

  test('the log verifies while the gateway runs', async () => {
    const { code, stdout, stderr } = await gateway.command('audit', 'verify');
    assert.equal(code, 0, stdout + stderr);
  });

  test('at a terminal verify says how far it is, elsewhere nothing', async () => {
    const bar = /\r\[[#.]{20}\] \d+ % of \d+ records/;
    const command = `'${gateway.binary}' audit verify --store '${storeOf(gateway)}'`;
    const typed = await run('script', ['-qec', command, '/dev/null']);
    assert.equal(typed.code, 0, typed.stdout);
    assert.match(typed.stdout, bar);
    const [, report] = typed.stdout.split('\r\x1b[K');
    assert.match(report, /records/);
    const narrow = await run('script', ['-qec', `stty cols 12; ${command}`, '/dev/null']);
    assert.match(narrow.stdout, /\r\[[#.]{10}\r/);
    const json = await run('script', ['-qec', `${command} --json`, '/dev/null']);
    assert.doesNotMatch(json.stdout, bar);
    assert.equal(JSON.parse(json.stdout).ok, true);
    const piped = await gateway.command('audit', 'verify');
    assert.equal(piped.stderr, '');
    assert.doesNotMatch(piped.stdout, bar);
  });

  // One stands in a bundle, the other in a segment alone.
  test('a record that was altered is named', async () => {
    const own = await Gateway.start({ upstream: provider.url });
    provider.handler = answerCleanly;
    const body = JSON.stringify(apis.chat.base);
    for (let i = 0; i < bundleRecords / 2 + 1; i += 1) await send(own, apis.chat.path, body);
    await own.process.stop();
    const change = (text) => text.replace('"time":"2', '"time":"1');
    for (const [seq, place] of [
      [2, 'log/tile/entries/000'],
      [bundleRecords, 'segment.'],
    ]) {
      const changed = await alterRecord(storeOf(own), seq, change);
      assert.ok(
        changed.some((name) => name.startsWith(place)),
        `${seq} in ${changed}`,
      );
      const { code, stdout, stderr } = await own.command('audit', 'verify');
      assert.equal(code, 1, stdout + stderr);
      assert.match(stdout, new RegExp(`^altered: Record ${seq} `, 'm'), stdout);
    }
  });
});
