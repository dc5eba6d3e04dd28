// A model that its route renames, under the name that the client asked for.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, pathOf } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const there = 'qwen3-8b-2026';

describe('a renamed model', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    const upstreams = [{ name: 'core', model: there }];
    gateway = await Gateway.start({
      upstream: provider.url,
      config: {
        routes: [
          { models: ['fast'], upstreams, answer_model: 'asked' },
          { models: ['plain'], upstreams },
        ],
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  // What the provider says, whatever the model's name was in the example.
  const saying = (text) => text.replaceAll(/"model":"[^"]*"/g, `"model":"${there}"`);
  const ask = (name, model, more = {}) =>
    send(gateway, pathOf(name, model), JSON.stringify({ ...apis[name].base, model, ...more }));

  for (const [name, api] of Object.entries(apis)) {
    const named = saying(JSON.stringify(api.reply)).includes(there);
    test(`answers of ${name}`, async () => {
      provider.handler = (request, reply) =>
        reply.bytes(
          200,
          { 'content-type': 'application/json' },
          saying(JSON.stringify(api.reply)),
        );
      const more = name.startsWith('ollama') ? { stream: false } : {};
      const answer = await ask(name, 'fast', more);
      assert.equal(answer.status, 200, answer.body.toString());
      assert.ok(!answer.body.includes(there), answer.body.toString());
      assert.equal(answer.body.includes('"model":"fast"'), named);
      const outcome = await outcomeOf(gateway, answer.headers['x-menshen-exchange']);
      assert.deepEqual([outcome.model, outcome.upstream_model], ['fast', there]);
      assert.equal((await ask(name, 'plain', more)).body.includes(there), named);
    });
    if (!api.events) continue;

    test(`streams of ${name}`, async () => {
      provider.handler = async (request, reply) => {
        reply.stream(api.streamType ? { 'content-type': api.streamType } : {});
        for (const event of api.events) await reply.write(saying(event));
        reply.end();
      };
      const answer = await ask(name, 'fast', { stream: true });
      assert.ok(answer.complete);
      assert.ok(!answer.body.includes(there), answer.body.toString());
      assert.equal(
        answer.body.includes('"model":"fast"'),
        saying(api.events.join('')).includes(there),
      );
    });
  }
});
