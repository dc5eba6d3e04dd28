// Ollama's API: applications keep its client and change the host, and send the gateway's key in a
// header.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ollama } from 'ollama';
import {
  line,
  ollamaChat,
  ollamaChatStream,
  ollamaText,
  ollamaTextStream,
  parseLines,
} from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { collect } from '../support/sdk_suite.mjs';

const messages = [{ role: 'user', content: 'mail li.lei@example.com' }];
const ndjson = { 'content-type': 'application/x-ndjson' };
const mobile = '13812345678';
// What it answers, stream or not, when it was asked to load a model and has taken its time.
const loaded = `{"model":"loads",\n "response":"","done":true,"done_reason":"load"}`;

describe('the Ollama client through the gateway', () => {
  let provider;
  let gateway;
  let lines; // of the next stream
  before(async () => {
    provider = await Provider.start();
    provider.handler = async (request, reply) => {
      if (request.path === '/api/tags') {
        return reply.json(200, { models: [{ name: 'qwen3:8b', model: 'qwen3:8b', size: 1 }] });
      }
      const { model, stream } = JSON.parse(request.body);
      if (model === 'absent') return reply.json(404, { error: "model 'absent' not found" });
      const chat = request.path === '/api/chat';
      if (stream === false) {
        return reply.json(
          200,
          chat ? ollamaChat({ content: `call ${mobile}` }) : ollamaText(`call ${mobile}`),
        );
      }
      reply.stream(ndjson);
      for (const each of lines) await reply.write(each);
      return reply.end();
    };
    gateway = await Gateway.start({
      upstream: provider.url,
      limits: { ping_interval_ms: 50 },
      upstreamOptions: { apis: ['ollama'], credential: { env: 'CORE_KEY' } },
      env: { CORE_KEY: 'credential-of-the-gateway' },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const client = (key = gateway.key) =>
    new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${key}` } });

  test('a chat: request and answer are inspected, the credential is the gateway’s', async () => {
    const answer = await client().chat({ model: 'qwen3:8b', messages });
    assert.equal(answer.message.content, 'call [CN_MOBILE]');
    assert.equal(answer.total_duration, 5043500667);
    const { headers, body } = provider.requests.at(-1);
    assert.equal(JSON.parse(body).messages[0].content, 'mail [EMAIL]');
    assert.equal(headers.authorization, 'Bearer credential-of-the-gateway');
  });

  test('a chat, streamed, with thinking and a call', async () => {
    const call = { function: { name: 'lookup', arguments: { city: '北京', phone: mobile } } };
    lines = ollamaChatStream([
      { role: 'assistant', content: '', thinking: 'They want 138' },
      { role: 'assistant', content: '', thinking: '12345678.' },
      { role: 'assistant', content: 'call 1381' },
      { role: 'assistant', content: '2345678 now' },
      { role: 'assistant', content: '', tool_calls: [call] },
    ]);
    const parts = await collect(
      await client().chat({ model: 'qwen3:8b', messages, stream: true, think: true }),
    );
    const join = (field) => parts.map(({ message }) => message[field] ?? '').join('');
    assert.equal(join('content'), 'call [CN_MOBILE] now');
    assert.equal(join('thinking'), 'They want [CN_MOBILE].');
    const calls = parts.flatMap(({ message }) => message.tool_calls ?? []);
    assert.deepEqual(calls[0].function.arguments, { city: '北京', phone: '[CN_MOBILE]' });
    assert.equal(parts.at(-1).done, true);
    assert.equal(provider.requests.at(-1).headers.accept, 'application/x-ndjson');
  });

  test('a generation, streamed; its tokens go beside a redaction', async () => {
    lines = ollamaTextStream([{ response: `call ${mobile}` }, { response: ' now' }]);
    const generate = () => client().generate({ model: 'qwen3:8b', prompt: 'hi', stream: true });
    const parts = await collect(await generate());
    assert.equal(parts.map(({ response }) => response).join(''), 'call [CN_MOBILE] now');
    assert.equal(parts.at(-1).context, null);
    lines = ollamaTextStream([{ response: 'nothing ' }, { response: 'here' }]);
    assert.deepEqual((await collect(await generate())).at(-1).context, [1, 2, 3]);
    const whole = await client().generate({ model: 'qwen3:8b', prompt: 'hi' });
    assert.equal(whole.response, 'call [CN_MOBILE]');
    assert.equal(whole.context, null);
  });

  test('what does not say otherwise is a stream, and the log counts its tokens', async () => {
    lines = ollamaChatStream([{ role: 'assistant', content: 'hello' }]);
    const answer = await send(
      gateway,
      '/api/chat',
      JSON.stringify({ model: 'qwen3:8b', messages }),
    );
    assert.match(answer.headers['content-type'], /^application\/x-ndjson/);
    const scores = parseLines(answer.body).find(({ data }) => data.menshen);
    assert.equal(scores.data.menshen.decision, 'redact');
    const outcome = await outcomeOf(gateway, answer.headers['x-menshen-exchange']);
    assert.equal(outcome.api, 'ollama_chat');
    assert.equal(outcome.stream, true);
    assert.equal(outcome.input_tokens, 5);
    assert.equal(outcome.output_tokens, 7);
  });

  // What comes until the provider is told to go on, and what comes then.
  async function askUntilPinged(path, goOn) {
    const response = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.key}` },
      body: JSON.stringify({ model: 'qwen3:8b', messages, prompt: '' }),
    });
    const reader = response.body.getReader();
    const pings = Buffer.from((await reader.read()).value).toString();
    goOn();
    let rest = pings;
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      rest += Buffer.from(piece.value).toString();
    }
    return { pings, rest, exchange: response.headers.get('x-menshen-exchange') };
  }
  // Made before anything is asked: a ping may come before the provider has read its request.
  function gate() {
    let open;
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    return { open, opened };
  }

  test('a silent stream is kept alive with blanks, which no client takes for a line', async () => {
    const written = ollamaChatStream([{ role: 'assistant', content: 'slow' }]);
    const usual = provider.handler;
    const { open, opened } = gate();
    provider.handler = async (request, reply) => {
      reply.stream(ndjson);
      await opened;
      for (const each of written) await reply.write(each);
      reply.end();
    };
    const { pings, rest } = await askUntilPinged('/api/chat', open);
    assert.match(pings, /^ +$/);
    provider.handler = usual;
    for (const text of rest.split('\n').slice(0, -1)) assert.ok(JSON.parse(text));
    assert.match(rest, /"slow"/);
  });

  test('one document behind pings is a stream of one line', async () => {
    const usual = provider.handler;
    const { open, opened } = gate();
    provider.handler = async (request, reply) => {
      await opened;
      reply.bytes(200, { 'content-type': 'application/json' }, loaded);
    };
    const { pings, rest, exchange } = await askUntilPinged('/api/generate', open);
    provider.handler = usual;
    assert.match(pings, /^ +$/);
    assert.deepEqual(
      parseLines(rest).map(({ data }) => data),
      [JSON.parse(loaded)],
    );
    const outcome = await outcomeOf(gateway, exchange);
    assert.equal(outcome.status, 200);
  });

  test('errors are raised as the client does, in a stream too', async () => {
    const guest = await gateway.createKey('gast', ['guests']);
    await assert.rejects(client('msk_wrong').chat({ model: 'qwen3:8b', messages }), {
      name: 'ResponseError',
      status_code: 401,
    });
    await assert.rejects(client(guest).chat({ model: 'qwen3:8b', messages }), {
      name: 'ResponseError',
      status_code: 403,
    });
    await assert.rejects(client().chat({ model: 'absent', messages }), {
      name: 'ResponseError',
      error: "model 'absent' not found",
    });
    lines = [ollamaChatStream([{ content: 'a' }])[0], line({ error: 'out of memory' })];
    const broken = await client().chat({ model: 'qwen3:8b', messages, stream: true });
    await assert.rejects(collect(broken), { message: 'out of memory' });
    lines = [ollamaChatStream([{ content: 'a' }])[0], '{"message":{"content":"cut'];
    const ask = () => client().chat({ model: 'qwen3:8b', messages, stream: true });
    await assert.rejects(async () => collect(await ask()), /broke off inside an event/);
  });

  test('images are opaque: refused unless the policy allows them', async () => {
    const images = ['aGVsbG8gd29ybGQ='];
    const seen = provider.requests.length;
    for (const ask of [
      () => client().chat({ model: 'qwen3:8b', messages: [{ ...messages[0], images }] }),
      () => client().generate({ model: 'qwen3:8b', prompt: 'hi', images }),
      () => client().generate({ model: 'qwen3:8b', prompt: 'hi', context: [1, 2] }),
    ]) {
      await assert.rejects(ask(), { name: 'ResponseError', status_code: 403 });
    }
    assert.equal(provider.requests.length, seen);
  });

  test('models are listed', async () => {
    const { models } = await client().list();
    assert.deepEqual(
      models.map(({ name }) => name),
      ['qwen3:8b'],
    );
  });

  test('paths that are not answered are refused in its shape', async () => {
    await assert.rejects(client().show({ model: 'qwen3:8b' }), {
      name: 'ResponseError',
      status_code: 404,
      error: 'The gateway has no such endpoint.',
    });
  });
});
