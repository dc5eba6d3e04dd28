// Law 3 under kill -9: whatever was answered in full has its outcome on disk, whatever reached the
// provider has its intent, and the log verifies after every crash. bench/log/kill does it longer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Crashes } from '../../support/crash.mjs';
import { readByGo } from '../../support/evidence.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { Provider } from '../../support/provider.mjs';

const rounds = 20;

describe('kill -9 under load', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({ upstream: provider.url });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  test(`${rounds} crashes lose nothing`, async () => {
    const crashes = new Crashes(gateway, provider);
    for (let round = 0; round < rounds; round += 1) {
      assert.deepEqual(await crashes.round(50 + 22 * round), []);
    }
    assert.ok(crashes.answered.length > rounds * 10, `${crashes.answered.length} answers`);
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
