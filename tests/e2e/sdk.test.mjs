// Applications change the base URL and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DemoCore, Gateway } from '../support/gateway.mjs';
import { anthropic, openai, sdkSuite } from '../support/sdk_suite.mjs';

const exchangeId = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const messages = [{ role: 'user', content: 'mail li.lei@example.com about the plan' }];

describe('SDKs through the gateway', () => {
  let core;
  let gateway;
  before(async () => {
    core = await DemoCore.start();
    gateway = await Gateway.start({ upstream: core.url });
  });
  after(async () => {
    await gateway.stop();
    await core.stop();
  });

  sdkSuite(() => gateway);

  test('answers name their exchange, the policy and what was done', async () => {
    const request = openai(gateway).chat.completions.create({ model: 'demo-1', messages });
    const { data, response } = await request.withResponse();
    assert.equal(
      data.choices[0].message.content,
      'The core received: mail [EMAIL] about the plan',
    );
    assert.match(response.headers.get('x-menshen-exchange'), exchangeId);
    assert.match(response.headers.get('x-menshen-policy'), /^[0-9a-f]{64}$/);
    assert.equal(response.headers.get('x-menshen-decision'), 'redact');
    assert.match(response.headers.get('x-menshen-redactions'), /email=1/);
  });

  test('streams carry the same headers', async () => {
    const request = anthropic(gateway).messages.create({
      model: 'demo-1',
      max_tokens: 100,
      stream: true,
      messages,
    });
    const { data, response } = await request.withResponse();
    let text = '';
    for await (const event of data) text += event.delta?.text ?? '';
    assert.equal(text, 'The core received: mail [EMAIL] about the plan');
    assert.match(response.headers.get('x-menshen-exchange'), exchangeId);
    assert.match(response.headers.get('x-menshen-policy'), /^[0-9a-f]{64}$/);
  });

  test('an Anthropic key header and a bearer token both identify the caller', async () => {
    const body = JSON.stringify({ model: 'demo-1', max_tokens: 9, messages });
    for (const headers of [
      { 'x-api-key': gateway.key },
      { authorization: `Bearer ${gateway.key}` },
    ]) {
      const answer = await fetch(`${gateway.url}/v1/messages`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      assert.equal(answer.status, 200);
      await answer.text();
    }
  });

  test("the caller's key does not reach the provider", async () => {
    await openai(gateway).chat.completions.create({ model: 'demo-1', messages });
    for (const request of await core.received()) {
      assert.ok(!JSON.stringify(request).includes(gateway.key));
    }
  });
});
