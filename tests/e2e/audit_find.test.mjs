// Records found by what they say, with an index that comes and goes beside the running gateway.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway, policy, redact, refuse } from '../support/gateway.mjs';
import { readLog } from '../support/log.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('audit find', () => {
  let provider;
  let gateway;
  let exchanges;
  const store = () => join(gateway.folder, 'var');
  const metric = async (name) => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1]);
  };
  const indexed = () =>
    until('the index has the log', async () => {
      const state = await gateway.commandJson('audit', 'index').catch(() => null);
      return state !== null && state.indexed > 0 && state.indexed === state.log_records;
    });
  const ask = async (content, model = 'demo', headers = {}) => {
    const body = { ...apis.chat.base, model, messages: [{ role: 'user', content }] };
    const answer = await send(gateway, apis.chat.path, JSON.stringify(body), headers);
    const exchange = answer.headers['x-menshen-exchange'];
    await outcomeOf(gateway, exchange);
    return exchange;
  };
  const found = async (...options) => {
    const { records } = await gateway.commandJson('audit', 'find', ...options);
    return records.map(({ exchange }) => exchange);
  };

  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      policy: policy({
        content: [
          redact('mail-goes', 'request', { types: ['email'] }),
          refuse('no-phones', 'request', { types: ['cn_mobile'] }),
        ],
      }),
    });
    exchanges = {
      clean: await ask('Good day.'),
      mail: await ask('Write to li.si@corp.example.', 'other-model'),
      phone: await ask('Call 13800138000.'),
    };
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const searches = () => [
    [['--exchange', exchanges.mail], [exchanges.mail, exchanges.mail]],
    [['--event', 'outcome'], [exchanges.phone, exchanges.mail, exchanges.clean]],
    [['--event', 'outcome', '--limit', '2'], [exchanges.phone, exchanges.mail]],
    [['--type', 'email'], [exchanges.mail]],
    [['--rule', 'mail-goes', '--decision', 'redact'], [exchanges.mail]],
    [['--decision', 'deny'], [exchanges.phone]],
    [['--error', 'content_refused'], [exchanges.phone]],
    [['--model', 'other-model', '--event', 'outcome'], [exchanges.mail]],
    [
      ['--subject', 'alice', '--zone', 'internal', '--event', 'intent'],
      [exchanges.mail, exchanges.clean],
    ],
    [
      ['--group', 'demo', '--upstream', 'core', '--event', 'intent', '--since', '1h'],
      [exchanges.mail, exchanges.clean],
    ],
  ];

  test('finds what records say, the same with an index, behind it, and without', async () => {
    await indexed();
    for (const options of [[], ['--scan']]) {
      for (const [asked, expected] of searches()) {
        assert.deepEqual(await found(...asked, ...options), expected, asked.join(' '));
      }
    }
    const late = await ask('Good day again.');
    assert.deepEqual(await found('--event', 'outcome', '--limit', '1'), [late]);
  });

  test('finds the calls of an application, which its key has stated', async () => {
    const stated = ['--subject', 'alice', '--groups', 'demo', '--application', '报销'];
    const { key } = await gateway.commandJson('keys', 'create', ...stated);
    await until('the gateway knows the key', () => gateway.knows(key));
    const mine = await ask('Good day.', 'demo', { authorization: `Bearer ${key}` });
    await indexed();
    for (const options of [[], ['--scan']]) {
      const asked = ['--application', '报销', '--model', 'demo', ...options];
      assert.deepEqual(await found(...asked), [mine, mine]);
    }
  });

  test('gives records as they stand in the log', async () => {
    const { bodies } = await readLog(store());
    const asked = ['audit', 'find', '--exchange', exchanges.mail];
    const { stdout } = await gateway.command(...asked, '--json');
    const { records, intents } = JSON.parse(stdout);
    for (const record of [...records, ...intents]) {
      assert.ok(stdout.includes(bodies[record.seq].toString()), String(record.seq));
    }
    assert.deepEqual(
      intents.map(({ seq }) => seq),
      [records[0].intent],
    );
    assert.equal(records[0].subject, undefined, 'its intent says so');
    const { stdout: table } = await gateway.command(...asked);
    const [head, outcome] = table.split('\n').map((line) => line.split('\t'));
    assert.deepEqual(head.slice(0, 3), ['record', 'time', 'event']);
    const [, , ...told] = outcome;
    const ends = ['core', '-', exchanges.mail];
    assert.deepEqual(told, ['outcome', 'redact', 'alice', 'other-model', ...ends]);
  });

  test('says when there are more than it shows', async () => {
    for (const [limit, more] of [
      ['1', true],
      ['10000', false],
    ]) {
      const asked = ['audit', 'find', '--event', 'outcome', '--limit', limit];
      assert.equal((await gateway.commandJson(...asked)).more, more);
      assert.equal((await gateway.command(...asked)).stderr.includes('there are more'), more);
    }
  });

  test('a type or a decision that there is none of is named, with the nearest one', async () => {
    for (const [option, value, near] of [
      ['--event', 'outcom', 'outcome'],
      ['--decision', 'redct', 'redact'],
    ]) {
      const { code, stderr } = await gateway.command('audit', 'find', option, value);
      assert.equal(code, 2);
      const told = `${option} may not be "${value}".*Did you mean ${near}\\?.*Use one of`;
      assert.match(stderr, new RegExp(told));
    }
  });

  test('spells what a terminal would act on, or not show', async () => {
    const exchange = await ask('Good day.', 'mo\u202eled\u200b-名');
    const { stdout } = await gateway.command('audit', 'find', '--exchange', exchange);
    assert.ok(stdout.includes('mo\\u{202E}led\\u{200B}-名'), stdout);
  });

  test('what nobody said is not found, and what makes no sense is refused', async () => {
    for (const asked of [['--subject', 'nobody'], ['--until', '2020-01-01'], ['--exchange', 'x']]) {
      const { code, stdout } = await gateway.command('audit', 'find', ...asked, '--json');
      assert.equal(code, 1);
      assert.deepEqual(JSON.parse(stdout).records, []);
    }
    for (const asked of [
      ['--since', 'yesterday'],
      ['--until', '2026-13-01'],
      ['--score', 'injection'],
      ['--score', 'injection>=2'],
      ['--limit', '0'],
      ['--limit', '10001'],
    ]) {
      assert.equal((await gateway.command('audit', 'find', ...asked)).code, 2, asked.join(' '));
    }
  });

  test('the index is made anew when it is deleted or damaged while the gateway runs', async () => {
    await indexed();
    const before = await metric('menshen_audit_index_begun_anew_total');
    const anew = (times) =>
      until('it is begun anew', async () => {
        const now = await metric('menshen_audit_index_begun_anew_total');
        return now === before + times;
      });
    await rm(join(store(), 'index.db'));
    await anew(1);
    await indexed();
    assert.deepEqual(await found('--type', 'email'), [exchanges.mail]);

    const { code, stdout } = await gateway.command('audit', 'index', '--rebuild');
    assert.equal(code, 0);
    assert.match(stdout, /the gateway that runs makes it anew/);
    await anew(2);
    await indexed();
    await until('nothing is behind', async () => {
      return (await metric('menshen_audit_index_lag_seconds')) === 0;
    });
    assert.equal(await metric('menshen_audit_index_lag_records'), 0);
    assert.equal(await metric('menshen_audit_index_healthy'), 1);
    const told = /"event":"index_begun_anew".*it was not there/;
    await until('the log says so', () => told.test(gateway.process.output));
  });

  // One that was mapped would end the gateway.
  test('whatever of it is cut off, the gateway serves', async () => {
    const files = (await readdir(store())).filter((name) => name.startsWith('index.db'));
    assert.ok(files.length > 1);
    for (const name of files) {
      await indexed();
      await truncate(join(store(), name), 0);
      await ask('Hello');
    }
    await indexed();
    assert.equal(gateway.process.status, undefined);
    assert.deepEqual(await found('--type', 'email'), [exchanges.mail]);
  });

  test('it is found anew at a start, and by command while no gateway runs', async () => {
    await gateway.process.stop();
    await writeFile(join(store(), 'index.db'), 'this is no index');
    const { code, stdout } = await gateway.command('audit', 'index', '--rebuild');
    assert.equal(code, 0);
    const { bodies } = await readLog(store());
    assert.match(stdout, new RegExp(`made anew, of ${bodies.length} records`));
    assert.deepEqual(await found('--type', 'email'), [exchanges.mail]);
    assert.equal((await stat(join(store(), 'index.db'))).mode & 0o777, 0o600);

    await writeFile(join(store(), 'index.db'), 'this is no index');
    assert.deepEqual(await found('--type', 'email'), [exchanges.mail]);
    await gateway.serve();
    await indexed();
    assert.equal(await readFile(join(store(), 'index.db.damaged'), 'utf8'), 'this is no index');
    assert.deepEqual(await found('--type', 'email'), [exchanges.mail]);
    assert.equal((await fetch(`${gateway.adminUrl}/readyz`)).status, 200);
  });
});
