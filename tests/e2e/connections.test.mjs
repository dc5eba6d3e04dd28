// How an upstream is reached: headers that every request has, a proxy on the way, a certificate of
// the gateway's own. What of it is a secret comes back in no answer, error, log or record.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatDelta, chatStop, done } from '../support/apis.mjs';
import { Authority } from '../support/certificates.mjs';
import { records } from '../support/evidence.mjs';
import { Gateway, policy, redact } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { Proxy } from '../support/proxy.mjs';
import { send } from '../support/raw.mjs';

const token = 'gateway token/41=~x';
const pair = 'gateway:proxy-word-41';
const encoded = Buffer.from(pair).toString('base64');
const secrets = [token, pair, encoded];

describe('connections', () => {
  let folder;
  let plain;
  let secured;
  let asking;
  let elsewhere;
  let proxy;
  let gateway;

  const upstream = (name, url, more) => ({ name, url, apis: ['openai'], retries: 0, ...more });
  const behind = (port, scheme = 'http') => `${scheme}://provider.internal:${port}`;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-certificates-'));
    const authority = await Authority.make(folder);
    const server = await authority.issue('server', 'DNS:provider.internal,DNS:localhost');
    const wrong = await authority.issue('wrong', 'DNS:elsewhere.internal');
    const own = await authority.issue('gateway', 'DNS:gateway.internal');
    const read = async ({ certificate, key }) => ({
      cert: await readFile(certificate),
      key: await readFile(key),
    });
    const ca = await readFile(authority.file);
    plain = await Provider.start();
    secured = await Provider.start(await read(server));
    elsewhere = await Provider.start(await read(wrong));
    asking = await Provider.start({
      ...(await read(server)),
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    proxy = await Proxy.start({ credential: pair });
    const way = { proxy: { url: proxy.url, credential: { env: 'PROXY_CREDENTIAL' } } };
    const trust = { ca: authority.file };
    const upstreams = [
      upstream('fixed', plain.url, {
        headers: [
          { name: 'X-Project', value: 'risk team' },
          { name: 'x-gateway-token', credential: { env: 'GATEWAY_TOKEN' } },
          { name: 'x-request-id', value: 'of-the-gateway' },
        ],
      }),
      upstream('tunnel', behind(plain.port), way),
      upstream('tunnel-tls', behind(secured.port, 'https'), { ...way, ...trust }),
      upstream('tunnel-wrong', behind(elsewhere.port, 'https'), { ...way, ...trust }),
      upstream('refused', behind(plain.port), {
        proxy: { url: proxy.url, credential: { env: 'OTHER_CREDENTIAL' } },
      }),
      upstream('asking', `https://localhost:${asking.port}`, {
        ...trust,
        client_certificate: own,
      }),
      upstream('asking-in-vain', `https://localhost:${asking.port}`, trust),
    ];
    gateway = await Gateway.start({
      upstream: plain.url,
      policy: policy({ content: [redact('other', 'response', { types: ['iban'] })] }),
      config: {
        upstreams,
        routes: upstreams.map(({ name }) => ({ models: [name], upstreams: [{ name }] })),
      },
      env: {
        GATEWAY_TOKEN: token,
        PROXY_CREDENTIAL: pair,
        OTHER_CREDENTIAL: 'gateway:other-word-7',
      },
    });
  });
  after(async () => {
    await gateway.stop();
    for (const each of [plain, secured, elsewhere, asking, proxy]) await each.stop();
    await rm(folder, { recursive: true });
  });

  const ask = (model, body = {}, headers = {}) =>
    send(
      gateway,
      apis.chat.path,
      JSON.stringify({ ...apis.chat.base, model, ...body }),
      headers,
    );
  const error = (answer) => JSON.parse(answer.body).error;

  test('fixed headers stand in the place of the caller’s', async () => {
    plain.handler = answerCleanly;
    const answer = await ask('fixed', {}, { 'x-request-id': 'of-the-caller' });
    assert.equal(answer.status, 200, answer.body.toString());
    const { headers } = plain.requests.at(-1);
    assert.equal(headers['x-project'], 'risk team');
    assert.equal(headers['x-gateway-token'], token);
    assert.equal(headers['x-request-id'], 'of-the-gateway');
  });

  test('the proxy alone knows the name, and alone gets its credential', async () => {
    plain.handler = answerCleanly;
    const answer = await ask('tunnel');
    assert.equal(answer.status, 200, answer.body.toString());
    assert.deepEqual(proxy.tunnels.at(-1), {
      target: `provider.internal:${plain.port}`,
      authorization: `Basic ${encoded}`,
    });
    const { headers } = plain.requests.at(-1);
    assert.equal(headers.host, `provider.internal:${plain.port}`);
    assert.equal(headers['proxy-authorization'], undefined);
    const before = proxy.tunnels.length;
    assert.equal((await ask('tunnel')).status, 200);
    assert.ok(proxy.tunnels.length <= before + 1, 'a tunnel is kept and used again');
  });

  test('TLS goes through the tunnel to the provider', async () => {
    secured.handler = answerCleanly;
    const answer = await ask('tunnel-tls');
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(proxy.tunnels.at(-1).target, `provider.internal:${secured.port}`);
    assert.equal(secured.requests.length, 1);
  });

  test('a certificate of another name is refused behind a proxy too', async () => {
    const answer = await ask('tunnel-wrong');
    assert.equal(answer.status, 502);
    assert.equal(error(answer).code, 'upstream_tls');
    assert.match(error(answer).message, /it is of another name\.$/);
    assert.doesNotMatch(answer.body.toString(), /provider\.internal/);
    await until('the log has the name', async () => {
      await ask('tunnel-wrong');
      return /upstream_tls: the certificate is not for the name provider\.internal/.test(
        gateway.process.output,
      );
    });
  });

  test('a proxy that refuses: 502, and what it said of the credential stays here', async () => {
    const answer = await ask('refused');
    assert.equal(answer.status, 502);
    assert.equal(error(answer).code, 'upstream_proxy');
    assert.equal(error(answer).message, "The upstream's proxy answers 407.");
    assert.ok(!gateway.process.output.includes('other-word'));
  });

  test('a provider that asks for a certificate is shown the gateway’s', async () => {
    asking.handler = answerCleanly;
    const answer = await ask('asking');
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(asking.requests.length, 1);
    const refused = await ask('asking-in-vain');
    assert.equal(refused.status, 502);
    assert.equal(asking.requests.length, 1);
  });

  const echoes = {
    'an error': (said) => (request, out) => out.json(400, { error: { message: `Bad: ${said}` } }),
    'a header': (said) => (request, out) =>
      out.json(200, apis.chat.reply, { 'x-request-id': said }),
    'an answer': (said) => (request, out) => out.json(200, { ...apis.chat.reply, note: said }),
    'a stream': (said) => async (request, out) => {
      out.stream();
      for (const piece of said) await out.write(chatDelta({ content: piece }));
      await out.write([chatStop(), done].join(''));
      out.end();
    },
  };
  for (const [what, echo] of Object.entries(echoes)) {
    test(`no secret of a connection comes back in ${what}`, async () => {
      for (const [model, said] of [
        ['fixed', token],
        ['tunnel', pair],
        ['tunnel', encoded],
      ]) {
        plain.handler = echo(said);
        const answer = await ask(model, { stream: what === 'a stream' });
        const text = answer.body.toString() + JSON.stringify(answer.headers);
        assert.ok(!text.includes(said), text);
        const contents = [...answer.body.toString().matchAll(/"content":"([^"]*)"/g)];
        assert.ok(!contents.map((match) => match[1]).join('').includes(said.slice(4)), text);
      }
    });
  }

  test('no secret of a connection stands in log or records', async () => {
    const all = JSON.stringify(await records(gateway)) + gateway.process.output;
    for (const secret of secrets) assert.ok(!all.includes(secret), secret);
    assert.ok(all.includes('tunnel'));
  });
});
