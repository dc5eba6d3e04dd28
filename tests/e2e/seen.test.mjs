// Reasoning comes back only to the gateway and the caller that were given it: agent frameworks and
// SDKs as they are, under a rule with `seen: false`; and those who send something else.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { cases } from '../support/frameworks.mjs';
import { DemoCore, Gateway, policy } from '../support/gateway.mjs';
import { run } from '../support/process.mjs';

const python = process.env.MENSHEN_PYTHON ?? 'build/clients/bin/python';
const own = {
  id: 'own-reasoning',
  direction: 'request',
  find: { opaque: ['encrypted_reasoning'], seen: false },
  then: { action: 'deny' },
};
const flows = [
  'AI SDK: responses, stateless',
  'AI SDK: messages with thinking',
  'LangChain: responses, stateless',
  'openai-agents: stateless',
  'openai-agents: streamed',
];
const question = { role: 'user', content: 'what is the plan' };
const stateless = {
  model: 'o4-demo',
  store: false,
  reasoning: { effort: 'low' },
  include: ['reasoning.encrypted_content'],
};
const thoughtful = {
  model: 'demo-1',
  max_tokens: 2048,
  thinking: { type: 'enabled', budget_tokens: 1024 },
};

const openai = ({ url }, apiKey) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const anthropic = ({ url }, apiKey) => new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });

// The items of an answer, streamed or not; and their way back.
async function reason(client, stream) {
  const asked = { ...stateless, input: [question] };
  if (!stream) return (await client.responses.create(asked)).output;
  for await (const event of await client.responses.create({ ...asked, stream }))
    if (event.type === 'response.completed') return event.response.output;
  throw new Error('the stream ended without its response');
}
const goOn = (client, items) =>
  client.responses.create({ ...stateless, input: [question, ...items, question] });

async function think(client, stream) {
  const asked = { ...thoughtful, messages: [question] };
  if (!stream) return (await client.messages.create(asked)).content;
  return (await client.messages.stream(asked).finalMessage()).content;
}
const goOnThinking = (client, content) =>
  client.messages.create({
    ...thoughtful,
    messages: [question, { role: 'assistant', content }, question],
  });

async function refused(asked, field) {
  await assert.rejects(asked, (error) => {
    assert.equal(error.status, 403);
    const told = error.error.error ?? error.error;
    assert.equal(told.code ?? told.details.error_code, 'unseen_reasoning');
    assert.equal(told.param, field);
    assert.match(told.message, /Found: encrypted_reasoning; rule: own-reasoning; in the request\./);
    assert.match(told.message, /Send the conversation without this value\./);
    return true;
  });
}

describe('reasoning that an answer gave out', () => {
  let core;
  let gateway;
  let bob;
  const shown = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text();
  const deliveries = async () => (await core.received()).length;
  before(async () => {
    core = await DemoCore.start();
    core.key = 'none-needed';
    const quickstart = await readFile('deploy/templates/policy.yaml', 'utf8');
    const rule = `  - ${JSON.stringify(own)}\n`;
    gateway = await Gateway.start({
      upstream: core.url,
      policy: quickstart.replace(/^content:\n/m, `content:\n${rule}`),
    });
    bob = await gateway.createKey('bob', ['demo']);
  });
  after(async () => {
    await gateway.stop();
    await core.stop();
  });

  for (const stream of [false, true]) {
    const how = stream ? 'streamed' : 'whole';
    // The demo core seals all reasoning alike; whoever was given none yet knows none.
    test(`responses, ${how}: nothing is known before its answer`, async () => {
      const key = await gateway.createKey(`carol-${how}`, ['demo']);
      const items = await reason(openai(core, core.key), stream);
      const at = items.findIndex(({ type }) => type === 'reasoning');
      const seen = await deliveries();
      await refused(goOn(openai(gateway, key), items), `/input/${at + 1}/encrypted_content`);
      assert.equal(await deliveries(), seen);
      const again = await reason(openai(gateway, key), stream);
      assert.equal((await goOn(openai(gateway, key), again)).status, 'completed');
      await refused(goOn(openai(gateway, bob), again), `/input/${at + 1}/encrypted_content`);
    });

    test(`messages, ${how}: nothing is known before its answer`, async () => {
      const key = await gateway.createKey(`dave-${how}`, ['demo']);
      const content = await think(anthropic(core, core.key), stream);
      assert.equal(content[0].type, 'thinking');
      const field = '/messages/1/content/0/signature';
      await refused(goOnThinking(anthropic(gateway, key), content), field);
      const again = await think(anthropic(gateway, key), stream);
      assert.equal((await goOnThinking(anthropic(gateway, key), again)).type, 'message');
      await refused(goOnThinking(anthropic(gateway, bob), again), field);
      again[0].signature = `${again[0].signature.slice(0, -4)}AAAA`;
      await refused(goOnThinking(anthropic(gateway, key), again), field);
    });
  }

  for (const name of flows) {
    test(`JavaScript, ${name}`, async () => {
      assert.deepEqual(await cases[name](gateway), await cases[name](core));
    });
  }

  test('Python', async (t) => {
    const results = {};
    for (const [way, front] of Object.entries({ core, gateway })) {
      const ran = await run(python, ['tests/support/clients.py', front.url, front.key]);
      assert.equal(ran.code, 0, ran.stderr);
      results[way] = JSON.parse(ran.stdout);
    }
    const returning = Object.keys(results.core).filter((name) => /think|stateless/.test(name));
    assert.ok(returning.length >= 3, Object.keys(results.core).join());
    for (const name of returning) {
      await t.test(name, () => assert.deepEqual(results.gateway[name], results.core[name]));
    }
  });

  test('metrics count what is remembered, and what the rule refused', async () => {
    const text = await shown();
    assert.match(text, /^menshen_seen_values [1-9]/m);
    assert.match(text, /^menshen_seen_values_forgotten_total\{reason="subject"\} 0$/m);
    const labels = '{action="deny",mode="enforce",rule="own-reasoning"}';
    assert.ok(text.includes(`menshen_rule_matches_total${labels} 10\n`), text);
  });

  test('after a restart nothing is known', async () => {
    const items = await reason(openai(gateway, gateway.key), false);
    assert.equal((await goOn(openai(gateway, gateway.key), items)).status, 'completed');
    await gateway.process.stop();
    await gateway.serve();
    const at = items.findIndex(({ type }) => type === 'reasoning');
    await refused(goOn(openai(gateway, gateway.key), items), `/input/${at + 1}/encrypted_content`);
  });
});

test('in shadow it refuses nothing and says what it would have done', async () => {
  const core = await DemoCore.start();
  const gateway = await Gateway.start({
    upstream: core.url,
    policy: policy({ content: [{ ...own, mode: 'shadow' }] }),
  });
  const decided = async (items) =>
    (await goOn(openai(gateway, gateway.key), items).withResponse()).response.headers.get(
      'x-menshen-decision',
    );
  assert.equal(await decided(await reason(openai(core, 'none-needed'))), 'allow;shadow=deny');
  assert.equal(await decided(await reason(openai(gateway, gateway.key))), 'allow');
  await gateway.stop();
  await core.stop();
});
