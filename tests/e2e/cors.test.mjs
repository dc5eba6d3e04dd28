// Pages of other origins, as browsers ask for them: docs/HEADERS.md.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta, chatStop, done } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { exchange, send } from '../support/raw.mjs';

const page = 'https://app.example.com';

describe('pages of other origins', () => {
  let provider;
  let named;
  let none;
  before(async () => {
    provider = await Provider.start();
    none = await Gateway.start({ upstream: provider.url });
    const listen = { cors: { origins: [page] } };
    named = await Gateway.start({ upstream: provider.url });
    await named.process.stop();
    const config = JSON.parse(await named.read('menshen.yaml'));
    await named.write('menshen.yaml', { ...config, listen: { ...config.listen, ...listen } });
    await named.serve();
  });
  after(async () => {
    await named.stop();
    await none.stop();
    await provider.stop();
  });

  const ask = (gateway, origin, path = apis.chat.path) =>
    exchange(
      gateway,
      `OPTIONS ${path} HTTP/1.1\r\nhost: x\r\norigin: ${origin}\r\n` +
        'access-control-request-method: POST\r\n' +
        'access-control-request-headers: authorization,content-type,x-stainless-os\r\n\r\n',
    );
  const call = (gateway, origin, more = {}) =>
    send(gateway, apis.chat.path, JSON.stringify({ ...apis.chat.base, ...more }), { origin });
  const allowed = ({ headers }) => headers['access-control-allow-origin'];

  test('a browser may ask without a key, for a named origin and a known path', async () => {
    const { status, headers } = await ask(named, page);
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-origin'], page);
    assert.equal(headers['access-control-allow-methods'], 'POST');
    assert.equal(
      headers['access-control-allow-headers'],
      'authorization,content-type,x-stainless-os',
    );
    assert.match(headers.vary, /^Origin,/);
    assert.equal(headers['access-control-allow-credentials'], undefined);
    assert.equal((await ask(named, page, '/v1/nothing')).status, 404);
  });

  for (const origin of ['https://app.example.com.evil', 'null', 'https://other.example']) {
    test(`${origin} is told nothing`, async () => {
      const question = await ask(named, origin);
      assert.equal(question.status, 405);
      assert.equal(allowed(question), undefined);
      provider.handler = (request, reply) => reply.json(200, apis.chat.reply);
      const answer = await call(named, origin);
      assert.equal(answer.status, 200);
      assert.equal(allowed(answer), undefined);
      assert.equal(answer.headers.vary, 'Origin');
    });
  }

  test('a named origin reads answers, streams and errors', async () => {
    provider.handler = (request, reply) =>
      reply.json(200, apis.chat.reply, { 'x-ratelimit-limit-requests': '60' });
    const answer = await call(named, page);
    assert.equal(allowed(answer), page);
    const exposed = answer.headers['access-control-expose-headers'];
    for (const name of ['x-menshen-exchange', 'x-ratelimit-limit-requests'])
      assert.ok(exposed.split(', ').includes(name), exposed);
    provider.handler = async (request, reply) => {
      reply.stream();
      await reply.write([chatDelta({ content: 'hi' }), chatStop(), done].join(''));
      reply.end();
    };
    assert.equal(allowed(await call(named, page, { stream: true })), page);
    const refused = await call(named, page, { stream: 'no boolean' });
    assert.deepEqual([refused.status, allowed(refused)], [400, page]);
  });

  test('by default nobody is', async () => {
    assert.equal((await ask(none, page)).status, 405);
    provider.handler = (request, reply) => reply.json(200, apis.chat.reply);
    const { headers } = await call(none, page);
    for (const name of ['access-control-allow-origin', 'vary'])
      assert.equal(headers[name], undefined);
  });
});
