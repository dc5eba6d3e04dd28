// Memory that runs out: the exchanges that it hits are refused, and the gateway goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../../support/apis.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { run } from '../../support/process.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';

const address_space = 600 * 1024 * 1024;
const messages = 160_000; // of some 60 bytes: a body near its bound, and far more once it is read
const at_once = 10;

describe('memory that runs out', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url });
    const limit = ['--pid', String(gateway.process.pid), `--as=${address_space}`];
    const { code, stderr } = await run('prlimit', limit);
    assert.equal(code, 0, stderr);
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  test('refuses, and neither ends the gateway nor lets anything pass unread', async () => {
    const said = Array.from({ length: messages }, (_, i) => ({
      role: i % 2 === 0 ? 'user' : 'assistant',
      content: 'mail alice@example.com',
    }));
    const body = JSON.stringify({ ...apis.chat.base, messages: said });
    const ask = () => send(gateway, apis.chat.path, body);
    const answers = [];
    for (let round = 0; round < 3; round += 1) {
      answers.push(...(await Promise.all(Array.from({ length: at_once }, ask))));
    }
    const refused = answers.filter((answer) => answer.status === 503);
    assert.ok(refused.length > 0, answers.map((answer) => answer.status).join(' '));
    for (const answer of refused) assert.match(String(answer.body), /out_of_memory|bodies_full/);
    for (const request of provider.requests) {
      assert.ok(!String(request.body).includes('alice@example.com'));
    }
    const small = await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.equal(small.status, 200);
  });
});
