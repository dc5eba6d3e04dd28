// log.file: lines go there, and SIGUSR1 opens it anew after it was moved.
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { run, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('a log in a file', () => {
  let provider;
  let gateway;
  const at = (name) => join(gateway.folder, name);
  const lines = async (name) => {
    const text = await readFile(at(name), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  };
  const events = async (name) => (await lines(name)).map(({ event }) => event);
  const ask = () => send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      config: { log: { file: './menshen.log' } },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  test('has what standard output would have', async () => {
    assert.equal((await ask()).status, 200);
    await until('the exchange is logged', async () =>
      (await events('menshen.log')).includes('exchange'));
    assert.ok((await events('menshen.log')).includes('listening'));
    assert.ok(!gateway.process.output.includes('"event"'), gateway.process.output);
  });

  test('goes on under its name after it was moved, at SIGUSR1', async () => {
    await rename(at('menshen.log'), at('menshen.log.1'));
    assert.equal((await ask()).status, 200);
    gateway.process.child.kill('SIGUSR1');
    await until('it is opened anew', async () =>
      (await events('menshen.log')).includes('log_reopened'));
    assert.equal((await events('menshen.log.1')).filter((e) => e === 'exchange').length, 2);
    assert.equal((await ask()).status, 200);
    await until('the exchange is logged', async () =>
      (await events('menshen.log')).includes('exchange'));
  });

  test('that cannot be opened anew goes on where it was', async () => {
    await rename(at('menshen.log'), at('menshen.log.2'));
    await mkdir(at('menshen.log'));
    const failures = async () =>
      (await lines('menshen.log.2')).filter(
        ({ event, detail }) => event === 'log_reopen_failed' && detail.includes('log_unwritable'),
      ).length;
    gateway.process.child.kill('SIGUSR1');
    await until('it says so', async () => (await failures()) === 1);
    // A pipe that nobody reads must not be waited for.
    await rmdir(at('menshen.log'));
    assert.equal((await run('mkfifo', [at('menshen.log')])).code, 0);
    gateway.process.child.kill('SIGUSR1');
    await until('it says so', async () => (await failures()) === 2);
  });

  test('that cannot be opened at all: no start', async () => {
    await gateway.process.stop();
    const { code, stderr } = await gateway.command('serve');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /menshen\.log: .*log_unwritable/);
    await gateway.write('menshen.yaml', (await gateway.read('menshen.yaml')).toString()
      .replace('./menshen.log', './other.log'));
    await gateway.serve();
  });
});

test('SIGUSR1 does no harm to a log on standard output', async () => {
  const provider = await Provider.start();
  const gateway = await Gateway.start({ upstream: provider.url });
  gateway.process.child.kill('SIGUSR1');
  await until('it says so', () => gateway.process.output.includes('"event":"log_reopened"'));
  await gateway.stop();
  await provider.stop();
});
