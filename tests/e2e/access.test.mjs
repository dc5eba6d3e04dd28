// Who may use and list what, by zone and whatever the spelling; and what strangers cost.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { records } from '../support/evidence.mjs';
import { Gateway, policy, refuse } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const may = (id, who, what) => ({ id, effect: 'allow', who, what });
const mayNot = (id, who, what) => ({ id, effect: 'deny', who, what, reason: `Refused by ${id}.` });

const rules = policy({
  access: [
    may('all', { groups: ['demo', 'readers', 'mute'] }, { models: ['*'] }),
    mayNot('mute-lists-nothing', { groups: ['mute'] }, { operations: ['models'] }),
    mayNot('no-public-lists', { groups: ['readers'] },
      { operations: ['models'], zones: ['public'] }),
    mayNot('not-that-one', { groups: ['demo'] }, { models: ['gpt-4o'] }),
  ],
  content: [
    {
      ...refuse('phones-stay-inside', 'request', { types: ['cn_mobile'] }),
      what: { zones: ['public'] },
    },
  ],
});

// An entry that no client could ask for stands among those that it can.
const listing = (names) => ({ object: 'list', data: [7, ...names].map((id) => ({ id })) });
const about = (content, model = 'm') =>
  JSON.stringify({ model, messages: [{ role: 'user', content }] });

let inside;
let outside;
let gateway;
const keys = {};
before(async () => {
  [inside, outside] = [await Provider.start(), await Provider.start()];
  for (const [provider, name] of [
    [inside, 'inner'],
    [outside, 'outer'],
  ]) {
    provider.handler = (request, reply) =>
      request.path === '/v1/models'
        ? reply.json(200, listing([name, 'gpt-4o']))
        : answerCleanly(request, reply);
  }
  const upstream = (name, zone, { url }) => ({ name, url, apis: ['openai', 'anthropic'], zone });
  gateway = await Gateway.start({
    upstream: inside.url,
    policy: rules,
    config: {
      upstreams: [upstream('in', 'internal', inside), upstream('out', 'public', outside)],
      routes: [
        { models: ['inner*'], upstreams: [{ name: 'in' }] },
        { models: ['outer*'], upstreams: [{ name: 'out' }] },
        { models: ['*'], upstreams: [{ name: 'in' }, { name: 'out' }] },
      ],
    },
  });
  for (const group of ['readers', 'mute']) keys[group] = await gateway.createKey(group, [group]);
});
after(async () => {
  await gateway.stop();
  await inside.stop();
  await outside.stop();
});

const get = (path, key) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } });

// A key that was made while the gateway runs counts within a second.
async function asKnown(ask) {
  for (let tries = 0; tries < 600; ++tries) {
    const answer = await ask();
    if (answer.status !== 401) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the key never became known');
}

describe('listing', () => {
  test('a deny of the operation is a 403 with its reason', async () => {
    for (const path of ['/v1/models', '/v1/models/inner']) {
      const answer = await asKnown(() => get(path, keys.mute));
      assert.equal(answer.status, 403);
      assert.match((await answer.json()).error.message, /Refused by mute-lists-nothing/);
    }
  });

  test('a deny by zone takes out what that zone alone serves', async () => {
    const answer = await asKnown(() => get('/v1/models', keys.readers));
    assert.equal(answer.status, 200);
    const ids = (await answer.json()).data.map(({ id }) => id);
    assert.deepEqual(ids, ['gpt-4o', 'inner']);
  });

  test('what a caller may not use is not listed', async () => {
    const ids = (await (await get('/v1/models', gateway.key)).json()).data.map(({ id }) => id);
    assert.deepEqual(ids, ['inner', 'outer']);
  });
});

describe('further models obey the rules wherever a router takes them', () => {
  const named = (model) => ({
    models: [model],
    fallback: model,
    default_fallbacks: [model],
    providerOptions: { gateway: { models: ['n', model] } },
    litellm_params: { model },
  });
  for (const field of Object.keys(named())) {
    test(field, async () => {
      for (const [model, status] of [
        ['n', 200],
        ['gpt-4o', 403],
      ]) {
        const body = { ...JSON.parse(about('hi')), [field]: named(model)[field] };
        const seen = inside.requests.length + outside.requests.length;
        const answer = await send(gateway, apis.chat.path, JSON.stringify(body));
        assert.equal(answer.status, status, answer.body.toString());
        const asked = inside.requests.length + outside.requests.length - seen;
        assert.equal(asked, status === 200 ? 1 : 0);
      }
    });
  }
});

test('a request that one zone refuses goes to the other, each time', async () => {
  const seen = outside.requests.length;
  for (let i = 0; i < 6; ++i) {
    const answer = await send(gateway, apis.chat.path, about('call 13800138000'));
    assert.equal(answer.status, 200);
    const exchange = answer.headers['x-menshen-exchange'];
    const mine = (await records(gateway)).filter((record) => record.exchange === exchange);
    assert.deepEqual(
      mine.map(({ zone }) => zone),
      ['internal', 'internal'],
    );
    assert.deepEqual(mine[1].targets_denied, ['out: phones-stay-inside']);
  }
  assert.equal(outside.requests.length, seen);
  const alone = await send(gateway, apis.chat.path, about('call 13800138000', 'outer-1'));
  assert.equal(alone.status, 403);
});

test('a deny of a model holds for its other spellings', async () => {
  for (const model of ['gpt-4o', ' GPT-4o ', 'Gpt-4o', 'gpt-4o\n', '\u00a0gpt-4o']) {
    assert.equal((await send(gateway, apis.chat.path, about('hi', model))).status, 403, model);
  }
  assert.equal((await send(gateway, apis.chat.path, about('hi', 'gpt-4o-mini'))).status, 200);
});

test('strangers are summed, and nothing that they write is kept', async () => {
  const strange = 'zhang13800138000';
  const known = 'msk_0000000000_0000000000000000000000000000000000000';
  const ask = (path, headers) => fetch(gateway.url + path, { headers });
  for (let i = 0; i < 40; ++i) {
    assert.equal((await ask('/v1/models', { authorization: `Bearer ${strange}` })).status, 401);
    assert.equal((await ask(`/v1/${strange}`, { 'x-api-key': known })).status, 404);
    await ask(`/v1/models/${strange}`, { 'user-agent': strange });
  }
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  assert.ok(!metrics.includes(strange));
  const before = await records(gateway);
  const own = before.filter(({ type, subject }) => type === 'outcome' && !subject);
  assert.deepEqual(own, []);
  await gateway.process.stop();
  const all = await records(gateway);
  assert.ok(!JSON.stringify(all).includes(strange));
  const sums = all.filter(({ type }) => type === 'refusals');
  const total = {};
  for (const { refusals, client } of sums) {
    assert.match(client, /^[0-9a-f]{16}$/);
    for (const [code, count] of Object.entries(refusals)) total[code] = (total[code] ?? 0) + count;
  }
  assert.equal(total.unknown_path, 40);
  assert.equal(total.missing_api_key, 40);
  assert.ok(total.malformed_api_key >= 40, JSON.stringify(total));
  assert.ok(sums.length <= 40, `${sums.length} records`);
});
