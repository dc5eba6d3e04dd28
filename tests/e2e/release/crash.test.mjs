// Law 3 under kill -9: whatever was answered in full has its outcome on disk, whatever reached the
// provider has its intent, and the log verifies after every crash.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../../support/apis.mjs';
import { readByGo, records } from '../../support/evidence.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';

const rounds = 12;
const clients = 16;

describe('kill -9 under load', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  // Asks again and again until the gateway is gone; keeps the exchanges that were answered in full.
  async function load(number, answered) {
    for (let i = 0; ; i += 1) {
      const stream = (number + i) % 2 === 0;
      const body = JSON.stringify({ ...apis.chat.base, stream });
      const answer = await send(gateway, apis.chat.path, body);
      if (answer === null || answer.status !== 200) return;
      if (!answer.complete || (stream && !answer.body.includes('[DONE]'))) return;
      answered.push(answer.headers['x-menshen-exchange']);
    }
  }

  // Resolves once the provider has been asked `count` more times.
  function asked(count) {
    const due = provider.requests.length + count;
    return new Promise((resolve) => {
      provider.handler = (request, reply) => {
        if (provider.requests.length >= due) resolve();
        return answerCleanly(request, reply);
      };
    });
  }

  test(`${rounds} crashes lose nothing`, async () => {
    const answered = [];
    for (let round = 0; round < rounds; round += 1) {
      const enough = asked(50 + 37 * round);
      const loads = Array.from({ length: clients }, (_, n) => load(n, answered));
      await enough;
      await gateway.process.kill('SIGKILL');
      await Promise.all(loads);

      const outcomes = new Set();
      const intents = new Set();
      for (const { type, exchange, complete } of await records(gateway)) {
        if (type === 'outcome' && complete) outcomes.add(exchange);
        if (type === 'intent') intents.add(exchange);
      }
      const unrecorded = answered.filter((exchange) => !outcomes.has(exchange));
      assert.deepEqual(unrecorded, [], 'answered in full, without an outcome');
      const reached = provider.requests.length;
      assert.ok(
        intents.size >= reached,
        `${reached} reached the provider, ${intents.size} intents`,
      );
      const { code, stdout, stderr } = await gateway.command('audit', 'verify');
      assert.equal(code, 0, stdout + stderr);
      await gateway.serve();
    }
    assert.ok(answered.length > rounds * 10, `${answered.length} answers`);
  });

  // Whatever was signed between the crashes is of the one log that there is now.
  test('the heads of all starts are consistent', async () => {
    await gateway.process.stop();
    const { code, stdout, stderr } = await readByGo(gateway);
    assert.equal(code, 0, stderr);
    const [, heads] = /, heads (\d+),/.exec(stdout);
    assert.ok(Number(heads) > rounds, stdout);
    await gateway.serve();
  });
});
