// Grounding is judged by what is marked as a source, and by nothing else: README's own rule on it
// leaves ordinary chats alone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import {
  apis,
  chatBody,
  chatChoice,
  chatDelta,
  chatStop,
  done,
  messageBody,
} from '../support/apis.mjs';
import { Gateway, policy } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const fact = 'The refund window is 30 days. Shipping costs 5 euros.';
const supported = 'The refund window is 30 days.';
const invented = 'Pirates founded the moon base in 1723 for 900 dollars.';
const user = (content) => ({ role: 'user', content });
const question = user('How long is the refund window?');
const call = { id: 'c_1', type: 'function', function: { name: 'find', arguments: '{}' } };

const ordinary = {
  'a question': [user('What is the capital of France?')],
  'a poem, with a system prompt': [
    { role: 'system', content: 'You are a helpful assistant of Acme.' },
    user('Write a poem about the sea.'),
  ],
  'a question after an answer': [question, { role: 'assistant', content: fact }, user('And now?')],
  '一个普通的问题': [user('请介绍一下门神的来历。')],
};
const withSources = {
  "a tool's result": [
    question,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c_1', content: fact },
  ],
  'a context and a question': [user(`Context: ${fact} Question: How long is the window?`)],
  'a context in tags': [user(`<context>${fact}</context>\nHow long is the window?`)],
  'documents in tags': [
    { role: 'system', content: `Answer from these.\n<documents>\n${fact}\n</documents>` },
    question,
  ],
  参考资料: [user(`参考资料：${fact}\n问题：要多久？`)],
  'a mark of the policy set': [user(`((( ${fact} ))) How long is the window?`)],
};

// The rule as README has it, in force.
async function readmeRule() {
  const text = await readFile('README.md', 'utf8');
  const line = text.split('\n').find((one) => one.includes('id: unsupported'));
  assert.match(line, /scores: \{grounding: \{below: 0\.5\}\}/);
  assert.match(line, /action: annotate/);
  return {
    id: 'unsupported',
    direction: 'response',
    find: { scores: { grounding: { below: 0.5 } } },
    then: { action: 'annotate' },
  };
}

describe('the rule on grounding', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    const set = {
      ...policy({ content: [await readmeRule()] }),
      grounding: { sources: { marks: [{ begin: '(((', end: ')))' }] } },
    };
    gateway = await Gateway.start({ upstream: provider.url, policy: set });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = (api, change) =>
    send(gateway, apis[api].path, JSON.stringify({ ...apis[api].base, ...change }));
  async function answered(messages, content) {
    provider.handler = (_, reply) => reply.json(200, chatBody([chatChoice({ content })]));
    const { status, headers, body } = await ask('chat', { messages });
    assert.equal(status, 200, body.toString());
    return { score: headers['x-menshen-grounding'], decision: headers['x-menshen-decision'] };
  }

  for (const [name, messages] of Object.entries(ordinary)) {
    test(`${name}: no score, and the rule does not fire`, async () => {
      for (const content of ['Paris is the capital of France.', invented, '海上明月共潮生。']) {
        const { score, decision } = await answered(messages, content);
        assert.equal(score, undefined);
        assert.equal(decision, 'allow');
      }
    });
  }

  for (const [name, messages] of Object.entries(withSources)) {
    test(`${name}: what the source says passes, what it does not is annotated`, async () => {
      const good = await answered(messages, supported);
      assert.ok(Number(good.score) >= 0.5, good.score);
      assert.equal(good.decision, 'allow');
      const bad = await answered(messages, invented);
      assert.ok(Number(bad.score) < 0.5, bad.score);
      assert.equal(bad.decision, 'annotate');
    });
  }

  test('messages: documents, search results and citations are sources', async () => {
    const document = {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: fact },
    };
    const found = {
      type: 'search_result',
      source: 'https://example.org',
      title: 'Terms',
      content: [{ type: 'text', text: fact }],
    };
    const citation = {
      type: 'char_location',
      cited_text: fact,
      document_index: 0,
      document_title: 'Terms',
      start_char_index: 0,
      end_char_index: 9,
    };
    for (const [block, citations] of [
      [document, null],
      [found, null],
      [{ type: 'text', text: 'hi' }, [citation]],
    ]) {
      provider.handler = (_, reply) =>
        reply.json(200, messageBody([{ type: 'text', text: supported, citations }]));
      const messages = [user([block, { type: 'text', text: 'How long?' }])];
      const { status, headers, body } = await ask('messages', { messages });
      assert.equal(status, 200, body.toString());
      assert.ok(Number(headers['x-menshen-grounding']) >= 0.5, JSON.stringify(headers));
    }
  });

  test('streams have a score of grounding where there are sources', async () => {
    const scores = async (messages) => {
      provider.handler = async (_, reply) => {
        reply.stream();
        for (const event of [chatDelta({ content: invented }), chatStop(), done]) {
          await reply.write(event);
        }
        reply.end();
      };
      const { body } = await ask('chat', { messages, stream: true });
      const [, score] = body.toString().match(/"grounding":\s*([\d.]+)/) ?? [];
      return score;
    };
    assert.equal(await scores(ordinary['a question']), undefined);
    assert.ok(Number(await scores(withSources["a tool's result"])) < 0.5);
  });
});
