// Usage statistics as an operator sees them: released when the day is over, their account in the
// log, and a dp.db that was lost. Days pass by a clock that is set before each start.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../../support/apis.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { run, until } from '../../support/process.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';

const day = 86_400;

describe('usage statistics', () => {
  let provider;
  let gateway;
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-clock-'));
    const library = join(folder, 'shifted_clock.so');
    const source = 'tests/support/shifted_clock.c';
    const made = await run('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
    assert.equal(made.code, 0, made.stderr);
    await noonAfter(0);
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      config: { privacy: { rho_total: 0.2 } },
      env: { LD_PRELOAD: library, MENSHEN_CLOCK_FILE: join(folder, 'shift') },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
    await rm(folder, { recursive: true });
  });

  // From now on programs start at noon (UTC) of the day so many days from today.
  const noonAfter = (days) => {
    const seconds = Math.floor(Date.now() / 1000);
    return writeFile(join(folder, 'shift'), String(days * day + day / 2 - (seconds % day)));
  };
  const restartAt = async (days) => {
    await gateway.process.stop();
    await noonAfter(days);
    await gateway.serve();
  };
  const logged = (event) =>
    until(`the log says ${event}`, () => gateway.process.output.includes(`"${event}"`));
  const readiness = async () => (await fetch(`${gateway.adminUrl}/readyz`)).json();
  const metric = async (name) => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    return Number(text.match(new RegExp(`^${name} (.*)$`, 'm'))?.[1]);
  };
  const json = async (...args) => JSON.parse((await gateway.command(...args, '--json')).stdout);
  const use = async () => {
    const answer = await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.equal(answer.status, 200);
  };
  let released;

  test('a report before the first release releases nothing', async () => {
    await use();
    const report = await json('dp', 'report');
    assert.ok(report.days.every((each) => each.cells.length === 0));
    assert.equal(report.privacy.rho_spent, 0);
    assert.deepEqual((await json('dp', 'ledger')).entries, []);
  });

  test('the day after, the gateway releases it once', async () => {
    await restartAt(1);
    await logged('statistics_released');
    released = await json('dp', 'report');
    assert.equal(released.days[0].final, true);
    assert.equal(released.days[0].releases, 1);
    assert.ok(released.days[0].cells.length > 0);
    assert.equal((await json('dp', 'ledger')).entries.length, 1);
    assert.equal((await readiness()).statistics, undefined);
  });

  test('how long the budget lasts is said ahead', async () => {
    await logged('privacy_budget_low');
    assert.equal(await metric('menshen_statistics_healthy'), 1);
    assert.equal(await metric('menshen_privacy_rho_spent'), 0.05);
    assert.equal(await metric('menshen_privacy_rho_budget'), 0.2);
    assert.equal(await metric('menshen_privacy_days_left'), 3);
  });

  test('without its dp.db nothing is released, and all else is served', async () => {
    await gateway.process.stop();
    await rm(join(gateway.folder, 'var', 'dp.db'));
    await restartAt(2);
    await logged('statistics_failed');
    const state = await readiness();
    assert.equal(state.status, 'ready');
    assert.deepEqual(state.statistics, { problem: 'privacy_store_behind' });
    assert.equal(await metric('menshen_statistics_healthy'), 0);
    await use();
    const report = await gateway.command('dp', 'report');
    assert.equal(report.code, 1);
    assert.match(report.stdout, /dp recover/);
    const ledger = await gateway.command('dp', 'ledger');
    assert.equal(ledger.code, 1);
    assert.match(ledger.stderr, /privacy_store_behind/);
  });

  test('it is made anew beside the running gateway, with what was released', async () => {
    const recovered = await json('dp', 'recover');
    assert.equal(recovered.charged, 1);
    assert.equal(recovered.released, 1);
    assert.deepEqual(recovered.lost, []);
    const report = await json('dp', 'report', '--days', '3');
    assert.deepEqual(report.days[0], released.days[0]);
    const again = await gateway.command('dp', 'recover');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /nothing to recover/);
  });

  test('and goes on from there: the next day is charged, no day twice', async () => {
    await restartAt(2);
    await logged('statistics_released');
    const { entries } = await json('dp', 'ledger');
    assert.equal(new Set(entries.map((entry) => entry.day)).size, entries.length);
    assert.equal(entries.length, 2);
    assert.deepEqual((await json('dp', 'report', '--days', '3')).days[0], released.days[0]);
  });
});
