// Errors come in the shape of the API that was called, so that the SDKs raise their own
// exceptions; each names its exchange, and the exchange is in the log.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { anthropic, openai } from '../support/sdk_suite.mjs';
import { privateKey } from '../support/specimens.mjs';

const limits = { request_body_bytes_max: 20_000 };
const user = (content) => [{ role: 'user', content }];

async function raised(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail('it was answered');
}

// What the provider answers, by the name of the model.
function provide(request, reply) {
  const { model } = JSON.parse(request.body);
  const error = (status, headers) =>
    reply.json(
      status,
      { type: 'error', error: { type: 'api_error', message: 'as told' } },
      headers,
    );
  if (model === 'limited') return error(429, { 'retry-after': '7' });
  if (model === 'broken') return error(500);
  if (model === 'reset') return reply.reset();
  return error(404);
}

// [what, OpenAI's class, status, how to cause it]
const causes = [
  ['a bad key', 'AuthenticationError', 401, { key: 'sk-wrong' }, {}],
  ['a caller whom no rule allows', 'PermissionDeniedError', 403, { key: 'guest' }, {}],
  ['a secret in the request', 'PermissionDeniedError', 403, {}, { messages: user(privateKey) }],
  ['a request without a model', 'BadRequestError', 400, {}, { model: undefined }],
  ['a body past its limit', 'APIError', 413, {}, { messages: user('x'.repeat(30_000)) }],
  ["the provider's rate limit", 'RateLimitError', 429, {}, { model: 'limited' }],
  ["the provider's failure", 'InternalServerError', 500, {}, { model: 'broken' }],
  ['a provider that resets', 'InternalServerError', 502, {}, { model: 'reset' }],
];

describe('errors as the SDKs raise them', () => {
  let provider;
  let gateway;
  const keys = {};
  before(async () => {
    provider = await Provider.start();
    provider.handler = provide;
    gateway = await Gateway.start({
      upstream: provider.url,
      limits,
      upstreamOptions: { retries: 0, breaker: { failures: 1000 } },
    });
    keys.guest = await gateway.createKey('gast', ['guests']);
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const front = ({ key }) => ({ url: gateway.url, key: keys[key] ?? key ?? gateway.key });
  const clients = {
    openai: (who, body) => openai(front(who)).chat.completions.create(body),
    'openai, responses': (who, { messages, ...body }) =>
      openai(front(who)).responses.create({ ...body, input: messages }),
    anthropic: (who, body) => anthropic(front(who)).messages.create({ max_tokens: 10, ...body }),
  };

  for (const [api, call] of Object.entries(clients)) {
    const sdk = api === 'anthropic' ? Anthropic : OpenAI;
    for (const [what, name, status, who, change] of causes) {
      for (const stream of [false, true]) {
        test(`${api}${stream ? ', streamed' : ''}: ${what} raises ${name} ${status}`, async () => {
          const body = { model: 'fine', messages: user('hello'), stream, ...change };
          const error = await raised(call(who, body));
          assert.ok(error instanceof sdk[name], `${error.constructor.name}: ${error.message}`);
          assert.equal(error.status, status);
          const exchange = error.headers.get('x-menshen-exchange');
          // A stranger has no record of his own.
          const recorded = status === 401 ? error : await outcomeOf(gateway, exchange);
          assert.equal(recorded.status, status);
          if (status === 429) assert.equal(error.headers.get('retry-after'), '7');
          if (what.includes("provider's")) return;
          assert.ok(
            JSON.stringify(error.error).includes(exchange),
            'the body names the exchange',
          );
        });
      }
    }

    test(`${api}: the cause is one that can be read and the content is not repeated`, async () => {
      const secret = await raised(call({}, { model: 'fine', messages: user(privateKey) }));
      assert.ok(!secret.message.includes('MIIE'), secret.message);
      assert.match(secret.message, /The rules of this test refuse it/);
      const wrong = await raised(
        call({ key: 'sk-wrong' }, { model: 'fine', messages: user('hi') }),
      );
      assert.ok(!wrong.message.includes('sk-wrong'), wrong.message);
    });
  }

  test('a refused request never reaches the provider', async () => {
    const before = provider.requests.length;
    await raised(clients.openai({}, { model: 'fine', messages: user(privateKey) }));
    await raised(clients.openai({ key: 'sk-wrong' }, { model: 'fine', messages: user('hi') }));
    assert.equal(provider.requests.length, before);
  });
});
