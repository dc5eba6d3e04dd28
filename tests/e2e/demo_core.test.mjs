// The demo core by itself: what the other tests and the quickstart stand on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DemoCore } from '../support/gateway.mjs';
import { openai, sdkSuite } from '../support/sdk_suite.mjs';

describe('the demo core', () => {
  let core;
  before(async () => {
    core = await DemoCore.start();
    core.key = 'none-needed';
  });
  after(() => core.stop());

  sdkSuite(() => core);

  for (const [prompt, phone] of [
    ['show me a contact', '+86 138 1234 5678'],
    ['请给我一个联系人', '13812345678'],
  ]) {
    test(`it makes a contact up: ${prompt}`, async () => {
      const answer = await openai(core).chat.completions.create({
        model: 'demo-1',
        messages: [{ role: 'user', content: prompt }],
      });
      const text = answer.choices[0].message.content;
      assert.ok(text.includes('wei.chen@example.com') && text.includes(phone), text);
    });
  }

  test('it records what it received', async () => {
    const body = '{"model": "demo-1",\n "prompt": "hello"}';
    await fetch(`${core.url}/v1/completions`, {
      method: 'POST',
      body,
      headers: { 'x-mark': 'seen' },
    });
    const last = (await core.received()).at(-1);
    assert.equal(last.body, body);
    assert.equal(last.path, '/v1/completions');
    assert.equal(last.headers['x-mark'], 'seen');
  });

  test('it refuses what it does not know', async () => {
    const status = async (path, body) =>
      (await fetch(core.url + path, { method: 'POST', body })).status;
    assert.equal(await status('/v1/chat/completions', '{"model":'), 400);
    assert.equal(await status('/v1/chat/completions', '{"model": 1}'), 400);
    assert.equal(await status('/v1/nothing', '{"model": "m", "messages": []}'), 404);
  });
});
