// SIGTERM with a lame duck's time: unready first, ended later.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('SIGTERM', () => {
  let provider;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
  });
  after(() => provider.stop());

  const start = (lame_duck_ms) =>
    Gateway.start({ upstream: provider.url, limits: { lame_duck_ms } });
  const readiness = async (gateway) => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    return { status: answer.status, ...(await answer.json()) };
  };

  test('within lame_duck_ms it is unready and serves, until a second one', async () => {
    const gateway = await start(86_400_000);
    gateway.process.child.kill('SIGTERM');
    const state = await until('it is unready', async () => {
      const now = await readiness(gateway);
      return now.status === 503 && now;
    });
    assert.equal(state.detail, 'draining');
    // Lines of the log are written by a thread of their own.
    await until('it says so', () => gateway.process.output.includes('"event":"lame_duck"'));
    const answer = await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.equal(answer.status, 200, 'a new connection is served');
    assert.equal(answer.headers.connection, 'close', 'and sent elsewhere for the next request');
    assert.ok(!gateway.process.output.includes('"event":"draining"'));
    await gateway.stop();
    assert.match(gateway.process.output, /"event":"draining"/);
  });

  test('within lame_duck_ms the log is opened anew, and a reload is refused', async () => {
    const gateway = await start(86_400_000);
    const told = (event) => gateway.process.output.includes(`"event":"${event}"`);
    gateway.process.child.kill('SIGTERM');
    await until('it is a lame duck', () => told('lame_duck'));
    gateway.process.child.kill('SIGUSR1');
    await until('the log is opened', () => told('log_reopened'));
    gateway.process.child.kill('SIGHUP');
    await until('the reload is refused', () => told('reload_refused'));
    assert.match(gateway.process.output, /"reload_refused","detail":"the gateway is ending"/);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(metrics, /^menshen_reloads_total\{result="refused"\} 1$/m);
    await gateway.stop();
  });

  test('when lame_duck_ms is over it drains', async () => {
    const gateway = await start(1);
    gateway.process.child.kill('SIGTERM');
    assert.deepEqual(await gateway.process.exited, { code: 0, signal: null });
    assert.match(gateway.process.output, /"event":"lame_duck".*"event":"draining"/s);
    await gateway.stop();
  });
});
