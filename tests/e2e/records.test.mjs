// What the log says of streams that ended otherwise than well, and by which detectors all was
// judged.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta } from '../support/apis.mjs';
import { outcomeOf, records } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { RawConnection } from '../support/raw.mjs';

const text = 'the quick brown fox jumps over the lazy dog.\n'.repeat(10);

describe('records', () => {
  let gateway;
  let provider;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({ upstream: provider.url, limits: { drain_timeout_ms: 1 } });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  // A stream that stands still, as far as the client has it, and its exchange.
  async function halfway() {
    let reply;
    provider.handler = (request, out) => {
      reply = out;
      out.stream();
      out.write(chatDelta({ content: text }));
    };
    const connection = await RawConnection.open(gateway.port);
    const body = JSON.stringify({ ...apis.chat.base, stream: true });
    connection.write(
      [
        `POST ${apis.chat.path} HTTP/1.1`,
        'host: x',
        `authorization: Bearer ${gateway.key}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
    await connection.receive((received) => received.includes('quick'));
    const [, exchange] = /x-menshen-exchange: (\S+)/.exec(connection.received.toString());
    return { connection, exchange, reply };
  }

  function check(outcome, status, error, source) {
    assert.equal(outcome.status, 200, 'the head that the client has');
    assert.equal(outcome.error_status, status);
    assert.equal(outcome.error_source, source);
    assert.match(outcome.error, error);
    assert.ok(!outcome.complete);
    assert.ok(outcome.response_bytes > 0);
    assert.match(outcome.released_commitment, /^[\w-]{43}$/);
  }

  test('of a stream that the provider breaks off', async () => {
    const { connection, exchange, reply } = await halfway();
    reply.reset();
    await connection.receive((bytes) => bytes.includes('"error"'));
    check(await outcomeOf(gateway, exchange), 502, /^upstream_/, 'provider');
    connection.close();
  });

  test('of a stream whose client goes away', async () => {
    const { connection, exchange } = await halfway();
    connection.close();
    check(await outcomeOf(gateway, exchange), 499, /^client_/, 'client');
  });

  test('of the detectors and scores by which all was judged', async () => {
    const all = await records(gateway);
    const start = all.find((record) => record.type === 'start');
    assert.match(start.detectors, /^[a-z0-9_/ ]* email\/\d+ [^\n]*\n[^\n]*toxicity\/\d+$/);
    const digest = createHash('sha256').update(start.detectors).digest('hex');
    assert.equal(start.catalog, digest.slice(0, 12));
    const outcomes = all.filter((record) => record.type === 'outcome');
    assert.ok(outcomes.length > 0);
    for (const outcome of outcomes) {
      assert.equal(outcome.catalog, start.catalog);
      assert.equal(outcome.detectors, undefined);
    }
  });

  test('of a stream that a stopping gateway cuts off', async () => {
    const { connection, exchange } = await halfway();
    gateway.process.child.kill('SIGTERM');
    await gateway.process.exited;
    check(await outcomeOf(gateway, exchange), 499, /^gateway_stopping$/, 'gateway');
    connection.close();
  });
});
