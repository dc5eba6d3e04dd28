// Laws 6 and 7: what is ambiguous, malformed, unknown or too large is refused, with an error in
// the shape of the API, an exchange id and a record (a stranger's in a sum); the provider never
// sees it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { RawConnection, exchange, send } from '../support/raw.mjs';

const limits = {
  request_body_bytes_max: 4096,
  json_depth_max: 10,
  header_count_max: 20,
  header_bytes_max: 2048,
  target_bytes_max: 200,
};

let provider;
let gateway;
before(async () => {
  provider = await Provider.start();
  provider.handler = answerCleanly;
  gateway = await Gateway.start({ upstream: provider.url, limits });
});
after(async () => {
  await gateway.stop();
  await provider.stop();
});

async function checkRefusal(
  answer,
  status,
  { anthropic = false, recorded = true, stranger = false } = {},
) {
  assert.ok(answer, 'it is answered');
  const said = `${answer.status} ${answer.body}`;
  assert.ok([status].flat().includes(answer.status), `${said}, not ${status}`);
  if (!recorded) return;
  const { error, type } = JSON.parse(answer.body);
  assert.ok(error.message.length > 10, said);
  if (anthropic) assert.equal(type, 'error');
  else assert.match(error.code, /^[a-z0-9_]+$/);
  const id = answer.headers['x-menshen-exchange'];
  assert.ok(answer.body.includes(id), 'the body names the exchange');
  if (stranger) return;
  const outcome = await outcomeOf(gateway, id);
  assert.equal(outcome.status, answer.status);
  assert.ok(outcome.error, 'the record names the error');
}

// Runs `act`, which must be refused without a call of the provider.
async function refusal(act, status, options) {
  const seen = provider.requests.length;
  await checkRefusal(await act(), status, options);
  assert.equal(provider.requests.length, seen, 'the provider was called');
}

const base = JSON.stringify(apis.chat.base);
const deep = (levels) =>
  `{"model":"m","messages":[],"x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
const sized = (bytes) => {
  const empty = '{"model":"m","messages":[],"x":""}';
  const filler = 'plain words '.repeat(bytes / 12).slice(0, bytes - empty.length);
  return empty.replace('""', `"${filler}"`);
};

const bodies = {
  'a key twice': '{"model":"m","messages":[],"model":"other"}',
  'a key twice, once with an escape': '{"model":"m","messages":[],"mod\\u0065l":"other"}',
  'a key twice, deep inside':
    '{"model":"m","messages":[{"role":"user","content":"a","content":"b"}]}',
  'invalid UTF-8': Buffer.from(`{"model":"m","messages":[],"x":"\xff"}`, 'latin1'),
  'an overlong encoding': Buffer.from(`{"model":"m","messages":[],"x":"\xc0\xaf"}`, 'latin1'),
  'an encoded surrogate': Buffer.from(`{"model":"m","messages":[],"x":"\xed\xa0\x80"}`, 'latin1'),
  'a lone surrogate': '{"model":"m","messages":[],"x":"\\ud800"}',
  'a NUL': '{"model":"m","messages":[],"x":"a\\u0000b"}',
  'bytes after the document': `${base} x`,
  'a second document': base + base,
  'a byte order mark': `\ufeff${base}`,
  'a trailing comma': '{"model":"m","messages":[],}',
  'a comment': '{"model":"m",/* x */"messages":[]}',
  'not a number': '{"model":"m","messages":[],"x":NaN}',
  'a control character in a string': '{"model":"m","messages":[],"x":"a\nb"}',
  'half a document': base.slice(0, -5),
  nothing: '',
  'a list': `[${base}]`,
  'no model': '{"messages":[]}',
  'a model that is no string': '{"model":["m"],"messages":[]}',
  'a stream flag that is no boolean': '{"model":"m","messages":[],"stream":"true"}',
  'a key that case tells from the model': '{"model":"m","MODEL":"n","messages":[]}',
  'a key that Unicode folds to stream': '{"model":"m","messages":[],"\u017ftream":true}',
  'a key by case, deep inside': '{"model":"m","messages":[{"role":"user","Content":"a"}]}',
  'two keys that case tells apart': '{"model":"m","messages":[],"x_a":1,"x_A":2}',
  'tools as an object': '{"model":"m","messages":[],"tools":{"type":"web_search"}}',
  'fallbacks that are no names': '{"model":"m","messages":[],"models":[{"model":"n"}]}',
  'a number past every double': '{"model":"m","messages":[],"x":1e400}',
  'one level too deep': deep(limits.json_depth_max + 1),
};

describe('bodies that are refused', () => {
  for (const [what, body] of Object.entries(bodies)) {
    for (const [name, anthropic] of [
      ['chat', false],
      ['messages', true],
    ]) {
      test(`${name}: ${what}`, () =>
        refusal(() => send(gateway, apis[name].path, body), 400, { anthropic }));
    }
  }

  test('at their limits, size and depth pass; one past, they do not', async () => {
    const path = apis.chat.path;
    assert.equal((await send(gateway, path, deep(limits.json_depth_max))).status, 200);
    assert.equal((await send(gateway, path, sized(limits.request_body_bytes_max))).status, 200);
    await refusal(() => send(gateway, path, sized(limits.request_body_bytes_max + 1)), 413);
  });

  test('a chunked body is held to the same limit', async () => {
    const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    const chunked = (body) =>
      exchange(
        gateway,
        [
          `POST ${apis.chat.path} HTTP/1.1`,
          'host: x',
          `authorization: Bearer ${gateway.key}`,
          'content-type: application/json',
          'transfer-encoding: chunked',
          '',
          `${chunk(body.slice(0, 10))}${chunk(body.slice(10))}0\r\n\r\n`,
        ].join('\r\n'),
      );
    assert.equal((await chunked(base)).status, 200);
    assert.equal((await chunked(sized(limits.request_body_bytes_max))).status, 200);
    await refusal(() => chunked(sized(limits.request_body_bytes_max + 1)), 413);
  });

  test('a model that no route names', async () => {
    const unknown = JSON.stringify({ ...apis.chat.base, model: 'm'.repeat(2000) });
    await refusal(() => send(gateway, apis.chat.path, unknown), [400, 404]);
  });
});

// [what, path, headers, status]
const heads = [
  ['a path that no API has', '/v1/nothing', {}, 404],
  ['a path beside an API', '/v1/chat/completions/x', {}, 404],
  ['a doubled slash', '/v1//chat/completions', {}, 404],
  ['a trailing slash', '/v1/chat/completions/', {}, 404],
  ['dots', '/v1/x/../chat/completions', {}, 404],
  ['percent-encoding', '/v1/chat%2fcompletions', {}, 404],
  ['another case', '/v1/Chat/Completions', {}, 404],
  ['an unknown query', '/v1/chat/completions?debug=1', {}, 400],
  ['another content type', '/v1/chat/completions', { 'content-type': 'text/plain' }, 415],
  [
    'what curl says of a body',
    '/v1/chat/completions',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
  ],
  [
    'another character set',
    '/v1/chat/completions',
    { 'content-type': 'application/json; charset=utf-16' },
    415,
  ],
  ['a compressed body', '/v1/chat/completions', { 'content-encoding': 'gzip' }, 415],
  ['no key', '/v1/chat/completions', { authorization: undefined }, 401],
  ['an unknown key', '/v1/chat/completions', { authorization: 'Bearer sk-unknown' }, 401],
  ['a key that is none', '/v1/chat/completions', { authorization: 'Bearer \u00e9 \u00e9' }, 401],
  ['another scheme', '/v1/chat/completions', { authorization: 'Basic eDp5' }, 401],
  ['two keys that differ', '/v1/chat/completions', { 'x-api-key': 'sk-other' }, 400],
];

describe('heads that are refused', () => {
  for (const [what, path, headers, status] of heads) {
    const stranger = status === 401 || what === 'two keys that differ';
    test(what, () => refusal(() => send(gateway, path, base, headers), status, { stranger }));
  }

  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'BREW']) {
    test(`the method ${method}`, async () => {
      const seen = provider.requests.length;
      const answer = await exchange(
        gateway,
        `${method} ${apis.chat.path} HTTP/1.1\r\nhost: x\r\n` +
          `authorization: Bearer ${gateway.key}\r\ncontent-length: 0\r\n\r\n`,
      );
      assert.ok([400, 405, 501].includes(answer.status), String(answer.status));
      if (answer.status === 405) assert.equal(answer.headers.allow, 'POST');
      assert.equal(provider.requests.length, seen);
    });
  }

  test('a body without a type is JSON, to the provider too', async () => {
    const answer = await send(gateway, apis.chat.path, base, { 'content-type': undefined });
    assert.equal(answer.status, 200);
    assert.equal(provider.requests.at(-1).headers['content-type'], 'application/json');
    const quoted = { 'content-type': 'application/json; charset="UTF-8"' };
    assert.equal((await send(gateway, apis.chat.path, base, quoted)).status, 200);
    await refusal(() => send(gateway, apis.chat.path, 'a=b', { 'content-type': undefined }), 400);
  });

  test('a key that was made and revoked while the gateway runs', async () => {
    const key = await gateway.createKey('bob', ['demo']);
    const ask = () => send(gateway, apis.chat.path, base, { authorization: `Bearer ${key}` });
    await until('the key is known', async () => (await ask()).status === 200);
    const { code, stderr } = await gateway.command('keys', 'revoke', gateway.keyId);
    assert.equal(code, 0, stderr);
    await until('the key is refused', async () => (await ask()).status === 401);
    await refusal(ask, 401, { stranger: true });
  });

  test('headers at their number pass; one past, they do not', async () => {
    const extra = (count) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-filler-${i}`, 'y']));
    const own = 4;
    const path = apis.chat.path;
    assert.equal(
      (await send(gateway, path, base, extra(limits.header_count_max - own))).status,
      200,
    );
    const answer = await send(gateway, path, base, extra(limits.header_count_max - own + 1));
    assert.equal(answer.status, 431);
  });

  test('headers and targets that are too long', async () => {
    const long = { 'x-filler': 'y'.repeat(limits.header_bytes_max) };
    assert.equal((await send(gateway, apis.chat.path, base, long)).status, 431);
    const target = `/v1/${'x'.repeat(limits.target_bytes_max)}`;
    assert.ok([400, 404, 414, 431].includes((await send(gateway, target, base)).status));
  });
});

const key = () => `authorization: Bearer ${gateway.key}`;
const length = `content-length: ${base.length}`;
const json = 'content-type: application/json';
const post = (lines, body = base, first = `POST ${apis.chat.path} HTTP/1.1`) =>
  [first, ...lines, '', body].join('\r\n');

// Framing that two readers could understand in two ways (RFC 9112).
const framings = {
  'both lengths': () =>
    post(['host: x', key(), json, length, 'transfer-encoding: chunked'], '0\r\n\r\n'),
  'two lengths that differ': () => post(['host: x', key(), json, length, 'content-length: 3']),
  'the same length twice': () => post(['host: x', key(), json, length, length]),
  'a list of lengths': () => post(['host: x', key(), json, `${length}, ${base.length}`]),
  'a length with a sign': () => post(['host: x', key(), json, `content-length: +${base.length}`]),
  'a length that is no number': () => post(['host: x', key(), json, 'content-length: 0x20']),
  'a length past 64 bits': () =>
    post(['host: x', key(), json, 'content-length: 99999999999999999999']),
  'an unknown coding': () => post(['host: x', key(), json, 'transfer-encoding: gzip, chunked']),
  'chunked twice': () =>
    post(['host: x', key(), json, 'transfer-encoding: chunked, chunked'], '0\r\n\r\n'),
  'chunked, then another': () =>
    post(['host: x', key(), json, 'transfer-encoding: chunked, identity'], ''),
  'chunked, misspelt': () => post(['host: x', key(), json, 'transfer-encoding: xchunked'], ''),
  'a folded header': () => post(['host: x', key(), json, length, 'x-a: b\r\n c']),
  'a blank before the colon': () => post(['host: x', key(), json, length, 'x-a : b']),
  'a header without a colon': () => post(['host: x', key(), json, length, 'nothing']),
  'a header without a name': () => post(['host: x', key(), json, length, ': b']),
  'a NUL in a header': () => post(['host: x', key(), json, length, 'x-a: b\0c']),
  'a bare CR in a header': () => post(['host: x', key(), json, length, 'x-a: b\rc']),
  'two hosts': () => post(['host: x', 'host: y', key(), json, length]),
  'no host': () => post([key(), json, length]),
  'two authorizations': () => post(['host: x', key(), key(), json, length]),
  'two content types': () => post(['host: x', key(), json, json, length]),
  'a chunk size that is none': () =>
    post(['host: x', key(), json, 'transfer-encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'),
  'a chunk size past 64 bits': () =>
    post(
      ['host: x', key(), json, 'transfer-encoding: chunked'],
      'fffffffffffffffff\r\n{}\r\n0\r\n\r\n',
    ),
  'a chunk longer than it says': () =>
    post(['host: x', key(), json, 'transfer-encoding: chunked'], '2\r\n{}}}}\r\n0\r\n\r\n'),
  'another protocol': () =>
    post(['host: x', key(), json, length], base, `POST ${apis.chat.path} HTTP/3.7`),
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'no protocol': () => `GET ${apis.chat.path}\r\n\r\n`,
  'a TLS handshake': () => Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 13, 10, 13, 10]),
};

describe('framing that is refused', () => {
  for (const [what, request] of Object.entries(framings)) {
    test(what, async () => {
      const seen = provider.requests.length;
      const connection = await RawConnection.open(gateway.port);
      connection.write(Buffer.from(request(), 'latin1'));
      const answer = await connection.response();
      await connection.ended;
      assert.equal(provider.requests.length, seen, 'the provider was called');
      if (answer === null) return;
      assert.ok([400, 411, 413, 415, 431, 501, 505].includes(answer.status), `${answer.status}`);
      assert.ok(!answer.body.includes(gateway.key));
    });
  }

  test('bytes after a request are the next request, not part of this one', async () => {
    const connection = await RawConnection.open(gateway.port);
    const request = post(['host: x', key(), json, length]);
    const seen = provider.requests.length;
    connection.write(`${request}${request}`);
    await connection.receive((bytes) => bytes.toString().split('HTTP/1.1 200').length === 3);
    assert.equal(provider.requests.length, seen + 2);
    for (const { body } of provider.requests.slice(seen)) assert.equal(body.toString(), base);
    connection.close();
  });
});
