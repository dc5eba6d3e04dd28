// Client libraries and agent frameworks as they are, under the quickstart's policy: what an
// application sees through the gateway is what it sees without, but for the differences named here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { cases } from '../support/frameworks.mjs';
import { DemoCore, Gateway } from '../support/gateway.mjs';
import { run } from '../support/process.mjs';

const python = process.env.MENSHEN_PYTHON ?? 'build/clients/bin/python';
const differences = {
  'Openai: personal_data': 'The core received: mail [EMAIL] about the plan',
};

describe('clients, directly and through the gateway', () => {
  let core;
  let gateway;
  before(async () => {
    core = await DemoCore.start();
    core.key = 'none-needed';
    gateway = await Gateway.start({
      upstream: core.url,
      policy: await readFile('deploy/templates/policy.yaml', 'utf8'),
    });
  });
  after(async () => {
    await gateway.stop();
    await core.stop();
  });

  for (const [name, use] of Object.entries(cases)) {
    test(`JavaScript, ${name}`, async () => {
      const direct = await use(core);
      assert.deepEqual(await use(gateway), direct);
    });
  }

  test('Python', async (t) => {
    const results = {};
    for (const [way, front] of Object.entries({ core, gateway })) {
      const ran = await run(python, ['tests/support/clients.py', front.url, front.key]);
      assert.equal(ran.code, 0, ran.stderr);
      results[way] = JSON.parse(ran.stdout);
    }
    assert.deepEqual(Object.keys(results.gateway), Object.keys(results.core));
    for (const [name, direct] of Object.entries(results.core)) {
      await t.test(name, () => {
        assert.ok(direct !== null && direct.error === undefined, direct?.error);
        assert.deepEqual(results.gateway[name], differences[name] ?? direct);
      });
    }
    for (const name of Object.keys(differences)) assert.ok(name in results.core, name);
  });

  test('they sent what the policy is to let pass', async () => {
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    for (const kind of ['encrypted_reasoning', 'stored_reference', 'token_array']) {
      assert.match(metrics, new RegExp(`_opaque_total{direction="request",kind="${kind}"} [1-9]`));
    }
  });

  test('what they sent back was what came: the core refuses other reasoning', async () => {
    for (const front of [core, gateway]) {
      const input = [{ type: 'reasoning', summary: [], encrypted_content: 'gAAAAABm' }];
      const answer = await fetch(`${front.url}/v1/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${front.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo-1', input }),
      });
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), /not what the demo core gave out/);
    }
  });
});
