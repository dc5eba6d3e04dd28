// What providers get and what clients get back of them: one delivery of each request, connections
// that serve again after streams, no echo of the gateway's own credential, and a gateway that
// answers although there are more strangers than descriptors.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatDelta, chatStop, done } from '../support/apis.mjs';
import { records } from '../support/evidence.mjs';
import { Gateway, menshen, policy, redact } from '../support/gateway.mjs';
import { Process, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const ask = (gateway, body = apis.chat.base) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  return send(gateway, apis.chat.path, JSON.stringify(body), headers);
};

describe('deliveries', () => {
  let provider;
  before(async () => {
    provider = await Provider.start();
  });
  after(() => provider.stop());

  // A kept connection that closes when it has taken the request.
  for (const retries of [0, 1]) {
    test(`retries: ${retries} delivers one request once`, async () => {
      const gateway = await Gateway.start({ upstream: provider.url, upstreamOptions: { retries } });
      provider.handler = answerCleanly;
      assert.equal((await ask(gateway)).status, 200);
      provider.requests.length = 0;
      provider.handler = (request, out) => out.reset();
      const answer = await ask(gateway);
      assert.equal(answer.status, 502);
      assert.equal(provider.requests.length, 1);
      const exchange = answer.headers['x-menshen-exchange'];
      const all = await until('the outcome', async () => {
        const mine = (await records(gateway)).filter((record) => record.exchange === exchange);
        return mine.some((record) => record.type === 'outcome') && mine;
      });
      assert.deepEqual(
        all.map((record) => [record.type, record.attempts]),
        [
          ['intent', 1],
          ['outcome', 1],
        ],
      );
      await gateway.stop();
    });
  }

  test('streams leave a healthy upstream healthy, and its connection in use', async () => {
    const gateway = await Gateway.start({
      upstream: provider.url,
      upstreamOptions: { retries: 0, breaker: { failures: 2, open_ms: 600_000 } },
    });
    let connections = 0;
    const count = () => {
      connections += 1;
    };
    provider.server.on('connection', count);
    for (let i = 0; i < 8; i += 1) {
      const fails = i % 2 === 0;
      provider.handler = async (request, out) => {
        if (fails) return out.json(503, { error: { message: 'busy' } });
        out.stream();
        // In one write: the connection is kept when its end was read too.
        return out.end([chatDelta({ content: 'Hello' }), chatStop(), done].join(''));
      };
      const answer = await ask(gateway, { ...apis.chat.base, stream: true });
      assert.equal(answer.status, fails ? 503 : 200, answer.body.toString());
    }
    provider.server.off('connection', count);
    assert.ok(connections <= 2, `${connections} connections`);
    await gateway.stop();
  });
});

describe("the gateway's own credential", () => {
  const credential = 'core-key/41=~x';
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({
      upstream: provider.url,
      upstreamOptions: { credential: { env: 'CORE_KEY' }, retries: 0 },
      env: { CORE_KEY: credential },
      policy: policy({
        content: [redact('other', 'response', { types: ['iban'] })],
      }),
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const echoes = {
    'an error': (request, out) =>
      out.json(400, { error: { message: `Bad key ${request.headers.authorization}` } }),
    'an error with a header': (request, out) =>
      out.json(429, { error: { message: 'slow' } }, { 'x-request-id': credential }),
    'an answer, escaped': (request, out) =>
      out.bytes(
        200,
        { 'content-type': 'application/json' },
        JSON.stringify(apis.chat.reply).replace('{', '{"note":"core\\u002dkey\\/41=~x",'),
      ),
    'a stream': async (request, out) => {
      out.stream();
      for (const piece of credential) await out.write(chatDelta({ content: piece }));
      await out.write(`: ${credential}\n\n`);
      await out.write([chatStop(), done].join(''));
      out.end();
    },
  };
  for (const [what, handler] of Object.entries(echoes)) {
    test(`does not come back in ${what}`, async () => {
      provider.handler = handler;
      const stream = what === 'a stream';
      const answer = await ask(gateway, { ...apis.chat.base, stream });
      assert.equal(provider.requests.at(-1).headers.authorization, `Bearer ${credential}`);
      const text = answer.body.toString() + JSON.stringify(answer.headers);
      assert.ok(!text.includes(credential), text);
      const said = [...answer.body.toString().matchAll(/"content":"([^"]*)"/g)];
      assert.ok(!said.map((match) => match[1]).join('').includes('key/41'), text);
      assert.ok(!JSON.stringify(await records(gateway)).includes(credential));
      assert.ok(!gateway.process.output.includes(credential));
    });
  }
});

describe('descriptors', () => {
  let folder;
  let few;
  let provider;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    folder = await mkdtemp(join(tmpdir(), 'menshen-few-'));
    few = join(folder, 'menshen');
    const script = `#!/bin/sh\nulimit -n 400\nexec ${JSON.stringify(resolve(menshen))} "$@"\n`;
    await writeFile(few, script);
    await chmod(few, 0o755);
  });
  after(async () => {
    await provider.stop();
    await rm(folder, { recursive: true });
  });

  test('idle strangers stop neither the data plane nor the admin API', async () => {
    const gateway = await Gateway.start({ upstream: provider.url, binary: few });
    assert.match(gateway.process.output, /it is lowered/);
    const strangers = [];
    for (let i = 0; i < 500; i += 1) {
      const stranger = connect(gateway.port, '127.0.0.1');
      stranger.on('error', () => {});
      strangers.push(stranger);
      if (i % 50 === 0) await new Promise((ready) => stranger.once('connect', ready));
    }
    assert.ok(await gateway.ready());
    const answer = await ask(gateway);
    assert.equal(answer.status, 200, answer.body.toString());
    // Each thread takes its connections in its own time.
    await until('the metrics count who was sent away', async () => {
      const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
      return Number(/menshen_connections_closed_total (\d+)/.exec(metrics)[1]) > 0;
    });
    await until('the log says so', () => gateway.process.output.includes('connections_full'));
    for (const stranger of strangers) stranger.destroy();
    await gateway.stop();
  });

  test('a reload adds an upstream, and says when there is no room for more', async () => {
    const gateway = await Gateway.start({ upstream: provider.url, binary: few });
    const written = JSON.parse(await gateway.read('menshen.yaml'));
    const reload = async (upstreams, event) => {
      const more = Array.from({ length: upstreams }, (_, i) => ({
        ...written.upstreams[0],
        name: `more-${i}`,
      }));
      const upstreamsNow = [...written.upstreams, ...more];
      await gateway.write('menshen.yaml', { ...written, upstreams: upstreamsNow });
      gateway.process.kill('SIGHUP');
      await until(`the log says ${event}`, () => gateway.process.output.includes(`"${event}"`));
    };
    await reload(1, 'reloaded');
    await reload(60, 'reload_refused');
    assert.match(
      gateway.process.output,
      /menshen\.yaml upstreams: The 400 descriptors .* too few for 61 upstreams/,
    );
    await gateway.stop();
  });

  test('a configuration that cannot fit is refused', async () => {
    const gateway = await Gateway.start({
      upstream: provider.url,
      limits: { connections_max: 5_000 },
    });
    await gateway.process.stop();
    const refused = new Process(few, ['serve', '--config', gateway.file], { cwd: gateway.folder });
    assert.equal((await refused.exited).code, 2);
    assert.match(refused.output, /400 descriptors .* limits\.connections_max is 5000/);
    await gateway.serve();
    await gateway.stop();
  });
});
