// Law 5: nothing matched, nothing changed. Bodies pass byte for byte, however they are written.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta, chatStop, done, pathOf } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { mobile } from '../support/specimens.mjs';

// Odd but valid ways to write JSON, as the members of an object.
const oddities = {
  'white space': ' "x" : [ 1 ,\t2\r\n] ,\n\n "y" :{ }',
  numbers: '"x":[0,-0,1.0,1E+2,1e-400,0.1e1,12345678,3.141592653589793238462643383279]',
  escapes: '"x":"\\u0041\\/\\b\\f\\n\\r\\t\\"\\\\ \\u4f60\\ud83d\\ude00"',
  'characters beyond ASCII': '"你好":"héllo — 您好 😀 \u2028\u00a0"',
  'an order of keys': '"z":1,"a":2,"10":3,"9":4',
  literals: '"x":[true,false,null]',
  depth: `"x":${'['.repeat(50)}${']'.repeat(50)}`,
  'empty things': '"":"","x":[],"y":{}',
};

const chat = (members) =>
  `{"model":"m","messages":[{"role":"user","content":"hello"}],${members}}`;
const reply = (members) => JSON.stringify(apis.chat.reply).replace(/}$/, `,${members}}`);

describe('what is clean passes unchanged', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({
      upstream: provider.url,
      upstreamOptions: { credential: { env: 'CORE_KEY' } },
      env: { CORE_KEY: 'sk-of-the-provider' },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const answerWith = (body, headers = {}) => {
    provider.handler = (request, out) =>
      out.bytes(200, { 'content-type': 'application/json', ...headers }, body);
  };

  for (const [what, members] of Object.entries(oddities)) {
    test(`requests and answers with ${what}`, async () => {
      answerWith(reply(members));
      const answer = await send(gateway, apis.chat.path, chat(members));
      assert.equal(answer.status, 200, answer.body.toString());
      assert.equal(provider.requests.at(-1).body.toString(), chat(members));
      assert.equal(answer.body.toString(), reply(members));
    });

    test(`everything but the value, with ${what}`, async () => {
      const withValue = (value) => `${members},"note" : "call ${value}."`;
      answerWith(reply(withValue(mobile.value)));
      const answer = await send(gateway, apis.chat.path, chat(withValue(mobile.value)));
      assert.equal(provider.requests.at(-1).body.toString(), chat(withValue(mobile.tag)));
      assert.equal(answer.body.toString(), reply(withValue(mobile.tag)));
    });
  }

  for (const [name, api] of Object.entries(apis)) {
    test(`the clean request and answer of ${name}`, async () => {
      const body = JSON.stringify(api.base, null, 1);
      const answered = JSON.stringify(api.reply, null, 1);
      answerWith(answered);
      const answer = await send(gateway, pathOf(name, 'm'), body);
      assert.equal(provider.requests.at(-1).body.toString(), body);
      assert.equal(answer.body.toString(), answered);
    });
    if (!api.events) continue;

    test(`the clean stream of ${name}`, async () => {
      provider.handler = async (request, out) => {
        out.stream(api.streamType ? { 'content-type': api.streamType } : {});
        for (const event of api.events) await out.write(event);
        out.end();
      };
      const body = JSON.stringify({ ...api.base, stream: true });
      const answer = await send(gateway, pathOf(name, 'm'), body);
      assert.ok(answer.complete);
      assert.equal(withoutScores(answer.body), api.events.join(''));
    });
  }

  test('the ways of writing events: line ends, comments, fields, blanks', async () => {
    const data = chatDelta({ content: 'hi' }).trim().replace('data: ', '');
    const written = [
      ': a comment\n\n',
      `data:${data}\n\n`,
      `id: 7\nretry: 10\ndata: ${data}\n\n`,
      `data: ${data}\r\n\r\n`,
      '\n',
      chatStop(),
      done,
    ];
    provider.handler = async (request, out) => {
      out.stream();
      for (const event of written) await out.write(event);
      out.end();
    };
    const { body } = await send(
      gateway,
      apis.chat.path,
      JSON.stringify({ ...apis.chat.base, stream: true }),
    );
    assert.equal(withoutScores(body), written.join(''));
  });

  test('a whole answer to a request for a stream passes as it is', async () => {
    answerWith(JSON.stringify(apis.chat.reply));
    const { body, headers } = await send(
      gateway,
      apis.chat.path,
      JSON.stringify({ ...apis.chat.base, stream: true }),
    );
    assert.equal(body.toString(), JSON.stringify(apis.chat.reply));
    assert.match(headers['content-type'], /^application\/json/);
  });

  test("the provider gets its own credential and nothing of the caller's", async () => {
    answerWith(JSON.stringify(apis.chat.reply));
    await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base), {
      cookie: 'session=abc',
      'x-forwarded-for': '10.1.2.3',
      'accept-encoding': 'gzip, br',
      'user-agent': 'someone',
      'x-custom': 'y',
    });
    const { headers } = provider.requests.at(-1);
    assert.equal(headers.authorization, 'Bearer sk-of-the-provider');
    assert.match(headers['accept-encoding'] ?? 'identity', /^identity$/);
    for (const name of ['cookie', 'x-forwarded-for', 'x-custom'])
      assert.equal(headers[name], undefined);
    assert.ok(!JSON.stringify(headers).includes(gateway.key));
  });

  test('headers of the provider that nobody asked for stay behind', async () => {
    answerWith(JSON.stringify(apis.chat.reply), {
      'set-cookie': 'a=b',
      'x-internal-host': 'node7',
      'x-request-id': 'req_1',
      'x-ratelimit-remaining-requests': '9',
    });
    const { headers } = await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(headers['x-internal-host'], undefined);
    assert.equal(headers['x-request-id'], 'req_1');
    assert.equal(headers['x-ratelimit-remaining-requests'], '9');
  });
});

// The stream without the gateway's own event, comment or line, which carries the scores.
function withoutScores(body) {
  const scores =
    /(?:event: [^\n]*\n)?(?:data)?: [^\n]*menshen[^\n]*\n\n|^\{[^\n]*"menshen":[^\n]*\n/gm;
  return body.toString().replace(scores, '');
}
