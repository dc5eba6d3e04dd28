// What applications do with the OpenAI and Anthropic SDKs, against anything that serves the demo
// core: the core itself, or a gateway before it. Nothing in these texts is for a detector to find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

export const openai = ({ url, key }, options = {}) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, ...options });
export const anthropic = ({ url, key }, options = {}) =>
  new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0, ...options });

const model = 'demo-1';
const user = (content) => [{ role: 'user', content }];
const question = '今天的会议 is about the quarterly plan';
const echo = `The core received: ${question}`;
const schema = { type: 'object', properties: { query: { type: 'string' } } };
const chatTool = { type: 'function', function: { name: 'lookup', parameters: schema } };

export async function collect(stream) {
  const all = [];
  for await (const item of stream) all.push(item);
  return all;
}

function chatTests(front) {
  test('chat', async () => {
    const answer = await openai(front()).chat.completions.create({
      model,
      messages: user(question),
    });
    assert.equal(answer.choices[0].message.content, echo);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.usage.total_tokens > 0);
  });

  test('chat, streamed, two choices, usage', async () => {
    const stream = await openai(front()).chat.completions.create({
      model,
      messages: user(question),
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts = ['', ''];
    let usage;
    for await (const chunk of stream) {
      for (const choice of chunk.choices) texts[choice.index] += choice.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.deepEqual(texts, [echo, `Answer 2: ${echo}`]);
    assert.ok(usage.completion_tokens > 0);
  });

  test('chat: reasoning and log probabilities', async () => {
    const answer = await openai(front()).chat.completions.create({
      model,
      messages: user('hello there'),
      logprobs: true,
      reasoning_effort: 'low',
    });
    const [choice] = answer.choices;
    assert.equal(choice.message.reasoning_content, 'I was asked this: hello there');
    assert.equal(
      choice.logprobs.content.map(({ token }) => token).join(''),
      choice.message.content,
    );
  });
}

function chatToolTests(front) {
  test("chat with a tool, streamed through the SDK's helper", async () => {
    const stream = openai(front()).chat.completions.stream({
      model,
      messages: user('use the tool please'),
      tools: [chatTool],
    });
    const message = await stream.finalMessage();
    const [call] = message.tool_calls;
    assert.equal(call.function.name, 'lookup');
    assert.deepEqual(JSON.parse(call.function.arguments), { query: 'use the tool please' });
  });

  test('chat: the result of a tool goes back', async () => {
    const answer = await openai(front()).chat.completions.create({
      model,
      messages: [
        ...user('use the tool please'),
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'lookup', arguments: '{"query": "plan"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      ],
    });
    assert.equal(answer.choices[0].message.content, 'The tool said: sunny');
  });
}

function otherOpenAiTests(front) {
  test('completions, at once and streamed', async () => {
    const client = openai(front());
    const whole = await client.completions.create({ model, prompt: question });
    assert.equal(whole.choices[0].text, echo);
    const stream = await client.completions.create({ model, prompt: question, stream: true });
    const pieces = await collect(stream);
    assert.equal(pieces.map((piece) => piece.choices[0]?.text ?? '').join(''), echo);
  });

  test('responses, at once and streamed', async () => {
    const client = openai(front());
    const whole = await client.responses.create({ model, input: question });
    assert.equal(whole.output_text, echo);
    const stream = await client.responses.create({ model, input: user(question), stream: true });
    const events = await collect(stream);
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
    assert.equal(deltas.map(({ delta }) => delta).join(''), echo);
    const completed = events.find(({ type }) => type === 'response.completed');
    assert.equal(completed.response.output[0].content[0].text, echo);
  });

  test("responses with a tool and reasoning, streamed through the SDK's helper", async () => {
    const stream = openai(front()).responses.stream({
      model,
      input: 'use the tool please',
      reasoning: { effort: 'low', summary: 'auto' },
      tools: [{ type: 'function', name: 'lookup', parameters: schema, strict: false }],
    });
    const [reasoning, call] = (await stream.finalResponse()).output;
    assert.equal(reasoning.summary[0].text, 'I was asked this: use the tool please');
    assert.equal(call.name, 'lookup');
    assert.deepEqual(JSON.parse(call.arguments), { query: 'use the tool please' });
  });

  test("embeddings: the SDK's base64 and plain numbers give the same vectors", async () => {
    const client = openai(front());
    const input = ['first text', '第二段文字'];
    const coded = await client.embeddings.create({ model, input });
    const plain = await client.embeddings.create({ model, input, encoding_format: 'float' });
    for (const index of [0, 1]) {
      const floats = Float32Array.from(plain.data[index].embedding);
      assert.equal(floats.length, 256);
      assert.deepEqual(Float32Array.from(coded.data[index].embedding), floats);
    }
  });

  test('models', async () => {
    const client = openai(front());
    const ids = (await collect(await client.models.list())).map(({ id }) => id);
    assert.deepEqual(ids.sort(), ['demo-1', 'demo-2']);
    assert.equal((await client.models.retrieve('demo-2')).id, 'demo-2');
  });
}

function messagesTests(front) {
  const base = { model, max_tokens: 500, messages: user(question) };

  test('messages, at once and streamed', async () => {
    const client = anthropic(front());
    const whole = await client.messages.create(base);
    assert.equal(whole.content[0].text, echo);
    assert.equal(whole.stop_reason, 'end_turn');
    const streamed = await client.messages.stream(base).finalMessage();
    assert.equal(streamed.content[0].text, echo);
    assert.ok(streamed.usage.output_tokens > 0);
  });

  test('messages with thinking and a tool, streamed', async () => {
    const message = await anthropic(front())
      .messages.stream({
        ...base,
        max_tokens: 5000,
        messages: user('use the tool please'),
        thinking: { type: 'enabled', budget_tokens: 2000 },
        tools: [{ name: 'lookup', input_schema: schema }],
      })
      .finalMessage();
    const [thinking, call] = message.content;
    assert.equal(thinking.thinking, 'I was asked this: use the tool please');
    assert.ok(thinking.signature.startsWith('gAAAAABm'));
    assert.deepEqual(call.input, { query: 'use the tool please' });
    assert.equal(message.stop_reason, 'tool_use');
  });

  test('messages: the result of a tool goes back', async () => {
    const answer = await anthropic(front()).messages.create({
      ...base,
      messages: [
        ...user('use the tool please'),
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'toolu_1', name: 'lookup', input: { query: 'plan' } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }],
        },
      ],
    });
    assert.equal(answer.content[0].text, 'The tool said: sunny');
  });

  test('messages: tokens are counted, models are listed', async () => {
    const client = anthropic(front());
    const count = await client.messages.countTokens({ model, messages: user(question) });
    assert.ok(count.input_tokens > 0);
    const ids = (await collect(client.models.list())).map(({ id }) => id);
    assert.deepEqual(ids.sort(), ['demo-1', 'demo-2']);
  });
}

// Registers the tests; `front()` gives { url, key } once the caller's before() has run.
export function sdkSuite(front) {
  chatTests(front);
  chatToolTests(front);
  otherOpenAiTests(front);
  messagesTests(front);
}
