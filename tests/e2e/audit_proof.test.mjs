// The evidence of one exchange, handed to somebody who has no access to the gateway.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DemoCore, Gateway } from '../support/gateway.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { run, until } from '../support/process.mjs';

describe('the evidence of one exchange', () => {
  let core;
  let gateway;
  let folder;
  let exchange;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-proof-'));
    core = await DemoCore.start();
    gateway = await Gateway.start({ upstream: `http://127.0.0.1:${core.port}` });
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Good day.' }] }),
    });
    exchange = answer.headers.get('x-menshen-exchange');
    await answer.text();
    await outcomeOf(gateway, exchange);
  });
  after(async () => {
    await gateway.stop();
    await core.stop();
    await rm(folder, { recursive: true });
  });

  const file = (name) => join(folder, name);
  // A head is published within a second.
  const prove = (...options) =>
    until('a head that covers the record', async () => {
      const done = await gateway.command('audit', 'proof', ...options);
      return done.stderr.includes('record_not_signed') ? null : done;
    });
  const check = (proof, record, vkey) =>
    run(gateway.binary, ['audit', 'check', '--proof', proof, '--record', record, '--vkey', vkey]);

  test('is made beside the running gateway and checked without its store', async () => {
    const made = await prove('--exchange', exchange, '--output', file('mine'));
    assert.equal(made.code, 0, made.stderr);
    const record = JSON.parse(await readFile(file('mine.json'), 'utf8'));
    assert.equal(record.exchange, exchange);
    assert.equal(record.type, 'outcome');
    const intent = JSON.parse(await readFile(file('mine-intent.json'), 'utf8'));
    assert.deepEqual([intent.seq, intent.exchange], [record.intent, exchange]);
    assert.equal(intent.subject, 'alice');
    const vkey = join(gateway.folder, 'var', 'audit.vkey');
    const checked = await check(file('mine.proof'), file('mine.json'), vkey);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, new RegExp(`^Record ${record.seq} is in the log `));
    const meant = await check(file('mine-intent.proof'), file('mine-intent.json'), vkey);
    assert.match(meant.stdout, new RegExp(`^Record ${intent.seq} is in the log `));

    const forged = JSON.stringify({ ...record, decision: 'deny' });
    await writeFile(file('forged.json'), forged);
    const refused = await check(file('mine.proof'), file('forged.json'), vkey);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /wrong_proof/);
  });

  test('of a record by its number', async () => {
    const made = await prove('--record', '0', '--output', file('first'));
    assert.equal(made.code, 0, made.stderr);
    assert.equal(JSON.parse(await readFile(file('first.json'), 'utf8')).seq, 0);
  });

  test('of what is not there', async () => {
    const none = await prove('--exchange', 'nothing');
    assert.equal(none.code, 1);
    assert.match(none.stderr, /knows no exchange nothing/);
    const past = await prove('--record', '99999', '--output', file('past'));
    assert.match(past.stderr, /no_such_record/);
    const neither = await prove('--output', file('neither'));
    assert.match(neither.stderr, /needs --exchange or --record/);
  });
});
