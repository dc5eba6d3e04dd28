// Headers that pass, both ways, as a client and a provider see them: docs/HEADERS.md.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta, chatStop, done, pathOf } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { mobile } from '../support/specimens.mjs';

const secret = 'AKIAQYLPMN5HFIQR7XYA';
const ofAll = {
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE/$@x',
  'x-client-request-id': 'c-1',
  'x-request-id': 'r-1',
};
const betas = Array.from({ length: 20 }, (_, i) => `some-beta-feature-2026-01-${10 + i}`).join(',');
const ofOne = {
  chat: { 'openai-beta': 'assistants=v2' },
  messages: { 'anthropic-version': '2023-06-01', 'anthropic-beta': betas },
  azure: { 'x-ms-client-request-id': 'm-1' },
};
const answered = {
  chat: { 'x-ratelimit-reset-tokens': '6m0s', 'openai-processing-ms': '12' },
  messages: {
    'anthropic-ratelimit-input-tokens-remaining': '9',
    'anthropic-priority-output-tokens-reset': '2026-01-01T00:00:00Z',
    'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy',
  },
  azure: { 'x-ratelimit-remaining-tokens': '9', 'apim-request-id': 'a-1' },
};

describe('headers that pass', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({
      upstream: provider.url,
      config: {
        routes: [
          { models: ['*'], upstreams: [{ name: 'core' }] },
          {
            models: ['project-*'],
            upstreams: [{ name: 'core' }],
            account_headers: ['openai-project'],
          },
        ],
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const answerWith = (name, headers = {}) => {
    provider.handler = (request, out) => out.json(200, apis[name].reply, headers);
  };
  const ask = (name, headers, more = {}) =>
    send(gateway, pathOf(name, 'm'), JSON.stringify({ ...apis[name].base, ...more }), headers);
  const seen = () => provider.requests.at(-1).headers;
  const error = ({ body }) => JSON.parse(body).error;

  for (const [name, own] of Object.entries(ofOne)) {
    test(`of ${name}: those of all APIs and its own, and no others`, async () => {
      answerWith(name, { ...answered[name], 'x-should-retry': 'false', 'openai-project': 'p' });
      const others = Object.assign({}, ...Object.values(ofOne), {
        baggage: 'a=b',
        'openai-organization': 'org-1',
        'openai-project': 'proj-1',
      });
      for (const header of Object.keys(own)) delete others[header];
      const answer = await ask(name, { ...ofAll, ...own, ...others });
      assert.equal(answer.status, 200, answer.body.toString());
      for (const [header, value] of Object.entries({ ...ofAll, ...own }))
        assert.equal(seen()[header], value);
      for (const header of Object.keys(others)) assert.equal(seen()[header], undefined, header);
      for (const [header, value] of Object.entries(answered[name]))
        assert.equal(answer.headers[header], value);
      assert.equal(answer.headers['x-should-retry'], 'false');
      assert.equal(answer.headers['openai-project'], undefined);
    });
  }

  test('idempotency keys are set apart by caller, over a restart too', async () => {
    answerWith('chat');
    const bob = await gateway.createKey('bob', ['demo']);
    const sent = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
    const keyOf = async (headers = {}) => {
      assert.equal((await ask('chat', { ...sent, ...headers })).status, 200);
      return seen()['idempotency-key'];
    };
    const mine = await keyOf();
    assert.match(mine, /^[0-9a-f]{32}$/);
    assert.notEqual(await keyOf({ authorization: `Bearer ${bob}` }), mine);
    await gateway.process.stop();
    await gateway.serve();
    assert.equal(await keyOf(), mine);
  });

  test('whose account pays is chosen where the route says so', async () => {
    answerWith('chat');
    const headers = { 'openai-organization': 'org-1', 'openai-project': 'proj-1' };
    await ask('chat', headers, { model: 'project-x' });
    assert.equal(seen()['openai-project'], 'proj-1');
    assert.equal(seen()['openai-organization'], undefined);
    await ask('chat', headers);
    assert.equal(seen()['openai-project'], undefined);
  });

  test('a value too long is a 400 that names the header and the limit', async () => {
    answerWith('messages');
    const calls = provider.requests.length;
    const answer = await ask('messages', { 'anthropic-beta': 'a'.repeat(1025) });
    assert.equal(answer.status, 400);
    assert.equal(error(answer).message, 'The header anthropic-beta is longer than 1024 bytes.');
    assert.equal(error(answer).param, 'anthropic-beta');
    assert.equal(provider.requests.length, calls);
    const longest = await ask('messages', { 'anthropic-beta': 'a'.repeat(1024) });
    assert.equal(longest.status, 200);
    assert.equal(seen()['anthropic-beta'].length, 1024);
  });

  test('a rule redacts and refuses in headers as it does in texts', async () => {
    answerWith('chat', { 'x-request-id': `for ${mobile.value}` });
    const answer = await ask('chat', { tracestate: `user=${mobile.value}` });
    assert.equal(seen().tracestate, `user=${mobile.tag}`);
    assert.equal(answer.headers['x-request-id'], `for ${mobile.tag}`);
    assert.equal(answer.headers['x-menshen-redactions'], 'cn_mobile=2');

    const calls = provider.requests.length;
    const refused = await ask('chat', { 'x-client-request-id': secret });
    assert.equal(refused.status, 403);
    assert.equal(error(refused).code, 'content_refused');
    assert.equal(error(refused).param, 'x-client-request-id');
    assert.ok(!refused.body.includes(secret));
    assert.equal(provider.requests.length, calls);
    const outcome = await outcomeOf(gateway, refused.headers['x-menshen-exchange']);
    assert.equal(outcome.error, 'content_refused');
  });

  test('of a stream too', async () => {
    provider.handler = async (request, out) => {
      out.stream({ 'x-ratelimit-limit-requests': '60', 'x-request-id': mobile.value });
      await out.write([chatDelta({ content: 'hi' }), chatStop(), done].join(''));
      out.end();
    };
    const { headers, complete } = await ask('chat', {}, { stream: true });
    assert.ok(complete);
    assert.equal(headers['x-ratelimit-limit-requests'], '60');
    assert.equal(headers['x-request-id'], mobile.tag);
  });
});
