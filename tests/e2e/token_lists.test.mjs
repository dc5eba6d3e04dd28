// Lists of tokens: read, redacted and encoded anew where the provider gets a model whose tokens are
// known; what nobody can read elsewhere.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { apis, pathOf } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

// "call 13812345678 now", "call [CN_MOBILE] now" and "all is well here", of cl100k_base and of
// o200k_base.
const ids = {
  small: {
    phone: [6797, 220, 10350, 4513, 10961, 2495, 1457],
    redacted: [6797, 510, 29768, 95237, 60, 1457],
    clean: [543, 374, 1664, 1618],
  },
  mini: {
    phone: [9925, 220, 17469, 7633, 19354, 4388, 1954],
    redacted: [9925, 723, 37266, 2372, 89778, 60, 1954],
  },
};

describe('lists of tokens', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    const replies = [apis.embeddings, apis.completions];
    provider.handler = (request, reply) => {
      const { reply: body } = replies.find(({ path }) => path === request.path);
      const head = { 'content-type': 'application/json' };
      return reply.bytes(200, head, JSON.stringify(body));
    };
    const core = (model) => [{ name: 'core', model }];
    gateway = await Gateway.start({
      upstream: provider.url,
      config: {
        routes: [
          { models: ['embed'], upstreams: core('text-embedding-3-small') },
          { models: ['gpt-4'], upstreams: core('gpt-4o-mini') },
          { models: ['text-embedding-3-large'], upstreams: core('bge-m3') },
          { models: ['*'], upstreams: [{ name: 'core' }] },
        ],
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });
  beforeEach(() => {
    provider.requests.length = 0;
  });

  const ask = (api, model, fields) =>
    send(gateway, pathOf(api, model), JSON.stringify({ ...apis[api].base, ...fields, model }));
  const arrived = (field) => JSON.parse(provider.requests[0].body)[field];

  test('are redacted before the provider gets them', async () => {
    const { phone, redacted, clean } = ids.small;
    const answer = await ask('embeddings', 'text-embedding-3-small', { input: [clean, phone] });
    assert.equal(answer.status, 200, answer.body.toString());
    assert.deepEqual(arrived('input'), [clean, redacted]);
    assert.match(answer.headers['x-menshen-redactions'], /cn_mobile=1/);
    const outcome = await outcomeOf(gateway, answer.headers['x-menshen-exchange']);
    assert.equal(outcome.opaque_request, undefined);
  });

  test('are documents of their own', async () => {
    const { phone, redacted } = ids.small;
    const answer = await ask('embeddings', 'text-embedding-3-small', { input: [phone, phone] });
    assert.equal(answer.status, 200, answer.body.toString());
    assert.deepEqual(arrived('input'), [redacted, redacted]);
  });

  test('alone, as a prompt', async () => {
    const { phone, redacted } = ids.small;
    const answer = await ask('completions', 'gpt-3.5-turbo-instruct', { prompt: phone });
    assert.equal(answer.status, 200, answer.body.toString());
    assert.deepEqual(arrived('prompt'), redacted);
  });

  test('keep their bytes when nothing is found', async () => {
    const body = `{"model":"text-embedding-3-small","input":[ ${ids.small.clean.join(' ,\n')} ]}`;
    const answer = await send(gateway, '/v1/embeddings', body);
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(provider.requests[0].body.toString(), body);
  });

  test('are read by the name that the provider gets', async () => {
    const embed = await ask('embeddings', 'embed', { input: ids.small.phone });
    assert.equal(embed.status, 200, embed.body.toString());
    assert.deepEqual(arrived('input'), ids.small.redacted);
    provider.requests.length = 0;
    const mini = await ask('embeddings', 'gpt-4', { input: ids.mini.phone });
    assert.equal(mini.status, 200, mini.body.toString());
    assert.deepEqual(arrived('input'), ids.mini.redacted);
  });

  test('of other models are what nobody can read', async () => {
    for (const model of ['bge-m3', 'text-embedding-3-large']) {
      const answer = await ask('embeddings', model, { input: ids.small.clean });
      assert.equal(answer.status, 403, answer.body.toString());
      const { error } = JSON.parse(answer.body);
      assert.deepEqual([error.code, error.param], ['opaque_content', '/input']);
    }
    assert.equal(provider.requests.length, 0);
  });

  test('are refused at their place where they are no text', async () => {
    const cases = { token_unknown: 100256, tokens_no_text: 188 };
    for (const [code, id] of Object.entries(cases)) {
      const answer = await ask('embeddings', 'embed', { input: [[64], [64, id]] });
      assert.equal(answer.status, 400, answer.body.toString());
      const { error } = JSON.parse(answer.body);
      assert.deepEqual([error.code, error.param], [code, '/input/1/1']);
    }
    assert.equal(provider.requests.length, 0);
  });
});
