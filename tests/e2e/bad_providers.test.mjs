// Providers that refuse, stall, break off or talk nonsense: the client gets an error of its API,
// never half an answer that looks whole, and the gateway goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatDelta, chatStop, done } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { freePort } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const limits = {
  response_body_bytes_max: 100_000,
  stream_event_bytes_max: 20_000,
  stream_bytes_max: 200_000,
};
const resilience = { retries: 0, breaker: { failures: 1_000_000 } };
// The silent are met by gateways that lose patience soon, all others by one that never does: a slow
// machine changes no outcome.
const impatience = { silence: { first_byte_ms: 400 }, stall: { idle_ms: 400 } };

const reply = JSON.stringify(apis.chat.reply);
const json = { 'content-type': 'application/json' };
const head = (fields) =>
  `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
const endless = async (out, first, more) => {
  let open = true;
  out.aborted.then(() => {
    open = false;
  });
  await out.write(first);
  while (open) await out.write(more);
};

// Faults of a whole answer: [what, how, status, impatience].
const wholeFaults = [
  ['a reset before the answer', (out) => out.reset(), 502],
  ['a close before the answer', (out) => out.close(), 502],
  ['silence', () => {}, 504, 'silence'],
  [
    'bytes that are no HTTP',
    (out) => out.raw('SSH-2.0-OpenSSH_9.2\r\n\r\n').then(() => out.close()),
    502,
  ],
  [
    'an endless head',
    async (out) => {
      await out.raw('HTTP/1.1 200 OK\r\n');
      for (let i = 0; i < 5000; i += 1) await out.raw(`x-${i}: ${'y'.repeat(50)}\r\n`);
    },
    502,
  ],
  ['two lengths', (out) => out.raw(`${head(['content-length: 2', 'content-length: 3'])}{}`), 502],
  [
    'a length and chunks',
    (out) =>
      out.raw(`${head(['content-length: 2', 'transfer-encoding: chunked'])}2\r\n{}\r\n0\r\n\r\n`),
    502,
  ],
  [
    'half a body, then a reset',
    async (out) => {
      await out.raw(
        head(['content-type: application/json', 'content-length: 500']) + reply.slice(0, 50),
      );
      out.reset();
    },
    502,
  ],
  [
    'half a body, then a close',
    async (out) => {
      await out.raw(
        head(['content-type: application/json', 'content-length: 500']) + reply.slice(0, 50),
      );
      out.close();
    },
    502,
  ],
  [
    'half a body, then silence',
    (out) =>
      out.raw(
        head(['content-type: application/json', 'content-length: 500']) + reply.slice(0, 50),
      ),
    504,
    'stall',
  ],
  [
    'a bad chunk',
    (out) =>
      out.raw(`${head(['content-type: application/json', 'transfer-encoding: chunked'])}zz\r\n`),
    502,
  ],
  [
    'an endless body',
    (out) => {
      out.response.writeHead(200, json);
      return endless(out, '{"x":"', 'y'.repeat(10_000));
    },
    502,
  ],
  ['a page', (out) => out.bytes(200, { 'content-type': 'text/html' }, '<html>hello</html>'), 502],
  [
    'a redirection',
    (out) => out.bytes(302, { ...json, location: 'http://127.0.0.1/' }, '{}'),
    502,
  ],
  ['no body', (out) => out.bytes(200, json, ''), 502],
  ['half a document', (out) => out.bytes(200, json, reply.slice(0, -3)), 502],
  ['a list', (out) => out.bytes(200, json, `[${reply}]`), 502],
  ['a key twice', (out) => out.bytes(200, json, '{"choices":[],"choices":[]}'), 502],
  ['invalid UTF-8', (out) => out.bytes(200, json, Buffer.from('{"x":"\xff"}', 'latin1')), 502],
  [
    'compression that was not asked for',
    (out) => out.bytes(200, { ...json, 'content-encoding': 'gzip' }, reply),
    502,
  ],
  [
    "a refusal of the gateway's credential",
    (out) => out.json(401, { error: { message: 'no' } }),
    502,
  ],
];

// Faults of a stream: what comes after some good events, [what, how, impatience].
const good = [
  chatDelta({ role: 'assistant', content: '' }),
  chatDelta({ content: 'Hello there. ' }),
];
const streamFaults = [
  ['a reset', (out) => out.reset()],
  ['a close without an end', (out) => out.end()],
  ['a broken connection', (out) => out.close()],
  ['silence', () => {}, 'stall'],
  ['data that is no JSON', (out) => out.write('data: {"choices": [\n\n')],
  ['data that is no object', (out) => out.write('data: [1]\n\n')],
  ['a key twice', (out) => out.write('data: {"choices":[],"choices":[]}\n\n')],
  ['invalid UTF-8', (out) => out.write(Buffer.from('data: {"x":"\xff"}\n\n', 'latin1'))],
  ['an event that is too large', (out) => out.write(chatDelta({ content: 'x'.repeat(30_000) }))],
  ['an event without end', (out) => endless(out, 'data: {"x":"', 'y'.repeat(5000))],
  [
    'a stream without end',
    (out) => endless(out, good[1], chatDelta({ content: 'word '.repeat(500) })),
  ],
  [
    'half an event, then the end',
    async (out) => {
      await out.write('data: {"choices":[{"index":0,"del');
      out.end();
    },
  ],
];

describe('providers that fail', () => {
  let provider;
  const gateways = {};
  before(async () => {
    provider = await Provider.start();
    for (const [name, timeouts] of Object.entries({ ...impatience, patient: {} })) {
      const upstreamOptions = { ...resilience, timeouts };
      gateways[name] = await Gateway.start({ upstream: provider.url, limits, upstreamOptions });
    }
  });
  after(async () => {
    for (const gateway of Object.values(gateways)) await gateway.stop();
    await provider.stop();
  });

  const ask = (api, stream, name = 'patient') =>
    send(
      gateways[name],
      apis[api].path,
      JSON.stringify({ ...apis[api].base, ...(stream ? { stream } : {}) }),
    );

  async function checkRecord(answer, status, name = 'patient') {
    const outcome = await outcomeOf(gateways[name], answer.headers['x-menshen-exchange']);
    assert.equal(outcome.error_source, 'provider');
    assert.ok(outcome.error);
    assert.ok(!outcome.complete);
    assert.equal(outcome.status, status);
  }

  async function stillWorks() {
    provider.handler = answerCleanly;
    assert.equal((await ask('chat', false)).body.toString(), reply);
  }

  for (const api of ['chat', 'messages']) {
    for (const stream of [false, true]) {
      test(`${api}${stream ? ', streamed' : ''}: a page of an error keeps its status`, async () => {
        provider.handler = (request, out) =>
          out.bytes(503, { 'content-type': 'text/html' }, '<h1>busy</h1>');
        const answer = await ask(api, stream);
        assert.equal(answer.status, 503);
        assert.ok(JSON.parse(answer.body).error.message);
        assert.ok(!answer.body.includes('busy'));
        const exchange = answer.headers['x-menshen-exchange'];
        assert.equal((await outcomeOf(gateways.patient, exchange)).status, 503);
        await stillWorks();
      });
    }
  }

  for (const [what, how, status, name] of wholeFaults) {
    for (const [api, stream] of [
      ['chat', false],
      ['chat', true],
      ['messages', false],
    ]) {
      test(`${api}${stream ? ', streamed' : ''}: ${what}`, async () => {
        provider.handler = (request, out) => how(out);
        const answer = await ask(api, stream, name);
        assert.equal(answer.status, status, answer.body.toString());
        const { error } = JSON.parse(answer.body);
        assert.ok(error.message, answer.body.toString());
        assert.ok(!/hello|busy/.test(error.message), "the provider's words are not repeated");
        await checkRecord(answer, status, name);
        await stillWorks();
      });
    }
  }

  for (const [what, how, name = 'patient'] of streamFaults) {
    test(`in a stream: ${what}`, async () => {
      provider.handler = async (request, out) => {
        out.stream();
        for (const event of good) await out.write(event);
        await how(out);
      };
      const answer = await ask('chat', true, name);
      assert.equal(answer.status, 200);
      const text = answer.body.toString();
      assert.ok(text.startsWith(good.join('')) || !text.includes('Hello'), text.slice(0, 500));
      assert.match(text.slice(-1500), /data: \{"error":\{/, 'its last event is an error');
      assert.ok(!text.includes('[DONE]'), 'it does not look complete');
      const outcome = await outcomeOf(gateways[name], answer.headers['x-menshen-exchange']);
      assert.equal(outcome.error_source, 'provider');
      assert.ok(!outcome.complete);
      await stillWorks();
    });
  }

  test('an error event of the provider passes and ends the stream', async () => {
    provider.handler = async (request, out) => {
      out.stream();
      await out.write(good.join(''));
      await out.write(
        'data: {"error":{"message":"overloaded","type":"server_error","code":null}}\n\n',
      );
      out.end();
    };
    const answer = await ask('chat', true);
    assert.match(answer.body.toString(), /overloaded/);
  });

  test('text after the end of a stream is not released', async () => {
    provider.handler = async (request, out) => {
      out.stream();
      await out.write([...good, chatStop(), done].join(''));
      await out.write(chatDelta({ content: 'AFTERWARDS' }));
      out.end();
    };
    const answer = await ask('chat', true);
    assert.ok(!answer.body.includes('AFTERWARDS'), answer.body.toString());
  });

  test('nobody listens there', async () => {
    const lonely = await Gateway.start({
      upstream: `http://127.0.0.1:${await freePort()}`,
      upstreamOptions: resilience,
    });
    const answer = await send(lonely, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.ok([502, 503].includes(answer.status), answer.body.toString());
    const outcome = await outcomeOf(lonely, answer.headers['x-menshen-exchange']);
    assert.equal(outcome.status, answer.status);
    await lonely.stop();
  });

  test('a request that was reset is tried again when the route says so', async () => {
    const patient = await Gateway.start({
      upstream: provider.url,
      upstreamOptions: { ...resilience, retries: 2 },
      config: { routes: [{ models: ['*'], upstreams: [{ name: 'core' }], retry: 'always' }] },
    });
    let calls = 0;
    provider.handler = (request, out) => {
      calls += 1;
      return calls < 3 ? out.reset() : answerCleanly(request, out);
    };
    const answer = await send(patient, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.equal(answer.body.toString(), reply);
    assert.equal(calls, 3);
    await patient.stop();
  });
});
