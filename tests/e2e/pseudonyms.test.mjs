// Pseudonyms end to end: the provider reads placeholders, the application gets its values, with the
// SDKs that applications use, in a loop of tools over two turns.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chatChunk, done, messageStream } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway, policy, redact } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { anthropic, openai } from '../support/sdk_suite.mjs';

const alice = 'alice.liddell@example.com';
const bob = 'bob@example.org';
const question = `Write to ${alice}, and copy ${bob}.`;
const args = '{"to": "<EMAIL_1>", "cc": ["<EMAIL_2>"], "body": "Dear \\u003cEMAIL_1\\u003e"}';
const restored = { to: alice, cc: [bob], body: `Dear ${alice}` };

const pieces = (text, size = 3) => text.match(new RegExp(`.{1,${size}}`, 'gs'));

describe('pseudonyms', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({
      upstream: provider.url,
      policy: policy({
        content: [redact('who', 'request', { categories: ['pii', 'name'] }, 'pseudonym')],
      }),
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const stream = (events) => {
    provider.handler = async (request, reply) => {
      reply.stream();
      for (const event of events) await reply.write(event);
      reply.end();
    };
  };
  const seen = () => provider.requests.at(-1).body.toString();
  const chatEvents = (deltas, reason) => [
    chatChunk([{ index: 0, delta: { role: 'assistant' }, finish_reason: null }]),
    ...deltas.map((delta) => chatChunk([{ index: 0, delta, finish_reason: null }])),
    chatChunk([{ index: 0, delta: {}, finish_reason: reason }]),
    done,
  ];

  test('a loop of tools with the SDK of OpenAI', async () => {
    const tools = [
      { type: 'function', function: { name: 'send_email', parameters: { type: 'object' } } },
    ];
    const call = (part, rest = {}) => ({
      tool_calls: [{ index: 0, ...rest, function: { arguments: part, ...rest.function } }],
    });
    const first = { id: 'call_1', type: 'function', function: { name: 'send_email' } };
    stream(chatEvents([call('', first), ...pieces(args).map((p) => call(p))], 'tool_calls'));
    const messages = [{ role: 'user', content: question }];
    const answer = await openai(gateway)
      .chat.completions.stream({ model: 'demo-1', messages, tools })
      .finalMessage();
    assert.match(seen(), /Write to <EMAIL_1>, and copy <EMAIL_2>\./);
    assert.ok(!seen().includes(alice) && !seen().includes(bob), seen());
    assert.deepEqual(JSON.parse(answer.tool_calls[0].function.arguments), restored);

    messages.push(answer, {
      role: 'tool',
      tool_call_id: 'call_1',
      content: `delivered to ${bob} and carol@example.net`,
    });
    const said = 'Sent to **<EMAIL_1>** and `<EMAIL_3>`; <EMAIL_9> is unknown.';
    stream(chatEvents(pieces(said, 2).map((content) => ({ content })), 'stop'));
    const second = await openai(gateway)
      .chat.completions.stream({ model: 'demo-1', messages, tools })
      .finalMessage();
    assert.match(seen(), /delivered to <EMAIL_2> and <EMAIL_3>/);
    assert.ok(!seen().includes('@example'), seen());
    assert.equal(
      second.content,
      `Sent to **${alice}** and \`carol@example.net\`; <EMAIL_9> is unknown.`,
    );
  });

  test('a stream with the SDK of Anthropic, and its record', async () => {
    const deltas = pieces('Ask 【PERSON_1】 or &lt;EMAIL_1&gt; about it.', 4);
    stream(
      messageStream(
        { type: 'text', text: '' },
        deltas.map((text) => ({ type: 'text_delta', text })),
      ),
    );
    const { data, response } = await anthropic(gateway)
      .messages.create({
        model: 'demo-1',
        max_tokens: 100,
        stream: true,
        messages: [{ role: 'user', content: `Who is Margaret Thompson? Her mail is ${alice}.` }],
      })
      .withResponse();
    let text = '';
    for await (const event of data) text += event.delta?.text ?? '';
    assert.equal(text, `Ask Margaret Thompson or ${alice} about it.`);
    assert.match(seen(), /Who is <PERSON_1>\? Her mail is <EMAIL_1>\./);
    const outcome = await outcomeOf(gateway, response.headers.get('x-menshen-exchange'));
    assert.deepEqual(outcome.pseudonyms, { email: 1, person: 1 });
    assert.deepEqual(outcome.restored, { email: 1, person: 1 });
  });

  test('what another exchange was told restores nothing', async () => {
    stream(chatEvents([{ content: 'Is it <EMAIL_1>?' }], 'stop'));
    const answer = await openai(gateway)
      .chat.completions.stream({ model: 'demo-1', messages: [{ role: 'user', content: 'Hi' }] })
      .finalMessage();
    assert.equal(answer.content, 'Is it <EMAIL_1>?');
  });

  test('a conversation that the provider keeps is refused', async () => {
    const asked = openai(gateway).responses.create({
      model: 'demo-1',
      input: `And ${alice}?`,
      previous_response_id: 'resp_1',
    });
    await assert.rejects(asked, (error) => error.status === 403);
  });
});
