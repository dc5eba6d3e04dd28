// The sample: which exchanges are of it follows from the log's key alone, and their scores stand in
// records of their own.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { outcomeOf, records, storeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const share = 400_000;

describe('the sample of scores', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      limits: { score_sample_per_million: share },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  async function ask(api, stream) {
    const body = { ...apis[api].base, stream };
    const { status, headers } = await send(gateway, apis[api].path, JSON.stringify(body));
    assert.equal(status, 200);
    const exchange = headers['x-menshen-exchange'];
    await outcomeOf(gateway, exchange);
    return exchange;
  }

  test('is what the salts of its exchanges say', async () => {
    const exchanges = [];
    for (let i = 0; i < 12; i += 1) {
      exchanges.push(await ask('chat', false), await ask('messages', true));
    }
    const digits = await readFile(join(storeOf(gateway), 'commitment.key'), 'utf8');
    const key = Buffer.from(digits.trim(), 'hex');
    const isOfSample = (exchange) =>
      createHmac('sha256', key).update(exchange).digest().readBigUInt64BE() % 1_000_000n <
      BigInt(share);
    const expected = exchanges.filter(isOfSample).sort();
    const sampled = await until('the records of the sample', async () => {
      const found = (await records(gateway)).filter(({ type }) => type === 'scores');
      return found.length >= expected.length ? found : null;
    });
    assert.deepEqual(sampled.map(({ exchange }) => exchange).sort(), expected);
    for (const record of sampled) {
      const outcome = await outcomeOf(gateway, record.exchange);
      assert.ok(record.seq > outcome.seq);
      assert.equal(record.sampled_per_million, share);
      assert.equal(record.catalog, outcome.catalog);
      assert.deepEqual(Object.keys(record.scores_request), ['bias', 'injection', 'toxicity']);
      assert.deepEqual(Object.keys(record.scores_response), ['bias', 'toxicity']);
      assert.equal(outcome.scores_request, undefined);
      assert.equal(outcome.scores_response, undefined);
    }
  });

  test('is found, and is no evidence of what became of an exchange', async () => {
    const all = await gateway.commandJson('audit', 'find', '--event', 'scores', '--scan');
    assert.ok(all.records.length > 0);
    const [{ exchange }] = all.records;
    const { records: of } = await gateway.commandJson('audit', 'find', '--exchange', exchange);
    assert.deepEqual(
      of.map(({ type }) => type),
      ['scores', 'outcome', 'intent'],
    );
    const output = join(gateway.folder, 'evidence');
    const wanted = ['--exchange', exchange, '--output', output];
    await until('a published head covers it', async () => {
      const made = await gateway.command('audit', 'proof', ...wanted);
      return made.code === 0;
    });
    assert.equal(JSON.parse(await readFile(`${output}.json`, 'utf8')).type, 'outcome');
    assert.equal((await gateway.command('audit', 'verify')).code, 0);
  });

  test('is counted', async () => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const sampled = (await records(gateway)).filter(({ type }) => type === 'scores').length;
    assert.match(text, new RegExp(`^menshen_score_samples_total ${sampled}$`, 'm'));
    assert.match(text, /^menshen_score_samples_skipped_total\{reason="busy"\} 0$/m);
  });
});
