// docs/METRICS.md is what a running gateway shows: names, types and labels, both ways.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatBody, chatChoice } from '../support/apis.mjs';
import { Gateway, policy, redact } from '../support/gateway.mjs';
import { freePort, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const spans = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

// name -> { type, labels } of the first table.
async function documented() {
  const text = await readFile('docs/METRICS.md', 'utf8');
  const rows = /\| metric \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(text)[1].trim().split('\n');
  const out = new Map();
  for (const row of rows) {
    const [, names, type, labels] = row.split('|').map((cell) => cell.trim());
    for (const name of spans(names)) out.set(name, { type, labels: spans(labels) });
  }
  return out;
}

// The same of what a gateway shows; labels of a family without samples are not there.
function shown(text) {
  const out = new Map();
  let name;
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (declared) {
      name = declared[1];
      out.set(name, { type: declared[2] });
    } else if (line && !line.startsWith('#')) {
      assert.ok(line.startsWith(name), line);
      const labels = [...line.matchAll(/([a-z_]+)="/g)].map(([, label]) => label);
      const samples = labels.filter((label) => label !== 'le');
      out.get(name).labels ??= samples;
      assert.deepEqual(out.get(name).labels, samples, line);
    }
  }
  return out;
}

const value = (text, series) => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('metrics', () => {
  let provider;
  let gateway;
  let failing = false;
  const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text();
  const ask = (changes = {}) =>
    send(gateway, apis.chat.path, JSON.stringify({ ...apis.chat.base, ...changes }));
  before(async () => {
    provider = await Provider.start();
    const refusal = { error: { message: 'slow down' } };
    const named = chatBody([chatChoice({ role: 'assistant', content: 'Call <PHONE_1>.' })]);
    provider.handler = (request, reply) => {
      if (failing) return reply.json(429, refusal);
      if (request.body.includes('<PHONE_1>')) return reply.json(200, named);
      return answerCleanly(request, reply);
    };
    const shadow = { ...redact('shadow-secrets', 'request', { categories: ['secret'] }) };
    const scored = {
      id: 'insults',
      direction: 'both',
      find: { scores: { toxicity: { above: 0.99 } } },
      then: { action: 'annotate' },
      mode: 'shadow',
    };
    // Nobody answers there; what is counted of a witness is shown nevertheless.
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const vkey = 'witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM';
    gateway = await Gateway.start({
      upstream: provider.url,
      config: {
        audit: { witnesses: [{ key: vkey, url: nobody }], publish_url: { url: nobody } },
      },
      policy: policy({
        content: [
          redact('pii-in', 'request', { categories: ['pii'] }),
          redact('phones', 'request', { types: ['phone'] }, 'pseudonym'),
          { ...shadow, find: { types: ['email'] }, mode: 'shadow' },
          scored,
        ],
        defaults: { opaque_content: 'allow' },
      }),
    });
    const image = { type: 'image_url', image_url: { url: 'https://img.example/1.png' } };
    const text = { type: 'text', text: 'Write to li.si@corp.example or call +44 20 7946 0958.' };
    const mail = { messages: [{ role: 'user', content: [text, image] }] };
    assert.equal((await ask(mail)).status, 200);
    assert.equal((await ask({ stream: true })).status, 200);
    failing = true;
    assert.equal((await ask()).status, 429);
  });
  after(async () => {
    await gateway.process.stop();
    await rm(gateway.folder, { recursive: true });
    await provider.stop();
  });

  test('are those of the reference, with its types and labels', async () => {
    const [said, seen] = [await documented(), shown(await metrics())];
    assert.deepEqual([...seen.keys()].sort(), [...said.keys()].sort());
    for (const [name, { type, labels }] of said) {
      assert.equal(seen.get(name).type, type, name);
      assert.equal(type === 'counter', name.endsWith('_total'), name);
      assert.deepEqual(seen.get(name).labels, labels, name); // so it has a sample
    }
  });

  test('say what came of exchanges', async () => {
    const text = await metrics();
    const requests = (error, status) =>
      value(
        text,
        `menshen_requests_total{api="openai_chat",error_type="${error}",status="${status}"}`,
      );
    assert.equal(requests('', 200), 2);
    assert.equal(requests('provider_error', 429), 1);
    const rule = (action, mode, id) =>
      value(text, `menshen_rule_matches_total{action="${action}",mode="${mode}",rule="${id}"}`);
    assert.equal(rule('allow', 'enforce', 'everyone-may'), 3);
    assert.equal(rule('redact', 'enforce', 'pii-in'), 1);
    assert.match(text, /menshen_rule_matches_total\{.*mode="shadow",rule="shadow-secrets"\} 1\n/);
    const scores = (series) => value(text, `menshen_scores_${series}`);
    const harmless = 'bucket{direction="request",score="toxicity",le="0.2"}';
    assert.equal(scores('count{direction="request",score="toxicity"}'), 3);
    assert.equal(scores(harmless), 3);
    assert.ok(scores('count{direction="response",score="toxicity"}') >= 1);
    assert.equal(value(text, 'menshen_upstream_requests_total{upstream="core"}'), 3);
    assert.equal(
      value(text, 'menshen_upstream_errors_total{error="status_429",upstream="core"}'),
      1,
    );
    assert.equal(value(text, 'menshen_upstream_first_byte_seconds_count{upstream="core"}'), 3);
    assert.ok(value(text, 'process_resident_memory_bytes') > 1e6);
    assert.ok(value(text, 'process_open_fds') > 10);
  });

  test('name the policy as records do', async () => {
    const { policy: version } = await gateway.commandJson('config', 'check');
    assert.equal(value(await metrics(), `menshen_policy_info{hash="${version}"}`), 1);
  });

  test('of rules that a reload takes out are gone', async () => {
    const set = JSON.parse(await gateway.read('policy.yaml'));
    const written = (id) => new RegExp(`_rule_matches_total\\{.*rule="${id}"\\}`);
    assert.match(await metrics(), written('pii-in'));
    await gateway.write('policy.yaml', {
      ...set,
      content: set.content.filter(({ id }) => id !== 'pii-in'),
    });
    gateway.process.child.kill('SIGHUP');
    await until('they are gone', async () => !written('pii-in').test(await metrics()));
    assert.match(await metrics(), written('shadow-secrets'));
    await gateway.write('policy.yaml', set);
    gateway.process.child.kill('SIGHUP');
    const reloads = () => gateway.process.output.match(/"event":"reloaded"/g) ?? [];
    await until('the policy is as before', () => reloads().length === 2);
  });

  test('of an upstream go on over a reload that changes it', async () => {
    const written = JSON.parse(await gateway.read('menshen.yaml'));
    written.upstreams[0].retries = 3;
    await gateway.write('menshen.yaml', written);
    gateway.process.child.kill('SIGHUP');
    const reloads = () => gateway.process.output.match(/"event":"reloaded"/g) ?? [];
    await until('it is in force', () => reloads().length === 3);
    assert.equal(value(await metrics(), 'menshen_upstream_requests_total{upstream="core"}'), 3);
    failing = false;
    assert.equal((await ask()).status, 200);
    assert.equal(value(await metrics(), 'menshen_upstream_requests_total{upstream="core"}'), 4);
  });

  test('count an answer that is none of its API as an error of the upstream', async () => {
    provider.handler = (request, reply) => reply.bytes(200, { 'content-type': 'text/html' }, '<p>');
    assert.equal((await ask()).status, 502);
    const errors = 'menshen_upstream_errors_total{error="bad_upstream_body",upstream="core"}';
    assert.equal(value(await metrics(), errors), 1);
  });
});
