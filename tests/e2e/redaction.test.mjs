// What stands in for a redacted value, what secrets do, and what cannot be read at all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatBody, chatChoice } from '../support/apis.mjs';
import { Gateway, forModel, policy, redact, refuse } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { email, mobile, privateKey } from '../support/specimens.mjs';

const pii = { categories: ['pii'] };
const both = (as, model = as) => forModel(redact(`as-${model}`, 'both', pii, as), model);
const weakAndStrong = [
  { ...redact('weak', 'request', pii), what: { models: ['ordered'] } },
  { ...refuse('strong', 'request', { types: ['email'] }), what: { models: ['ordered'] } },
];
const content = [
  both('mask'),
  both('tag'),
  both('hash'),
  both({ mask: { head: 3, tail: 4 } }, 'ends'),
  ...weakAndStrong,
  { ...forModel(refuse('shadowed', 'request', pii), 'shadow'), mode: 'shadow' },
  refuse('no-secrets', 'request', { categories: ['secret'] }),
  redact('secrets-out', 'response', { categories: ['secret'] }),
];

// Of `value`, so many letters and digits at its ends; the others are stars.
const expectedEnds = (value, head, tail) => {
  const count = value.match(/[a-z0-9]/gi).length;
  let seen = 0;
  return value.replace(/[a-z0-9]/gi, (c) => {
    const shown = seen < head || seen >= count - tail;
    seen += 1;
    return shown ? c : '*';
  });
};

describe('redaction', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url, policy: policy({ content }) });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = (model, text, change = {}) => {
    const messages = [{ role: 'user', content: text }];
    const body = JSON.stringify({ ...apis.chat.base, model, messages, ...change });
    return send(gateway, apis.chat.path, body);
  };
  const forwarded = () => JSON.parse(provider.requests.at(-1).body).messages[0].content;

  test('mask keeps the shape, tag names the type', async () => {
    await ask('mask', `call ${mobile.value} or ${email.value}`);
    assert.equal(forwarded(), 'call *********** or **.***@*******.***');
    await ask('tag', `call ${mobile.value} or ${email.value}`);
    assert.equal(forwarded(), 'call [CN_MOBILE] or [EMAIL]');
  });

  test('mask keeps the ends that the rule says', async () => {
    await ask('ends', `call ${mobile.value} or ${email.value}`);
    const { value } = mobile;
    const masked = `${value.slice(0, 3)}****${value.slice(-4)}`;
    assert.equal(forwarded(), `call ${masked} or ${expectedEnds(email.value, 3, 4)}`);
  });

  test('hash keeps equal values equal and different ones apart', async () => {
    await ask('hash', `${mobile.value} ${mobile.value} 13912345678`);
    const [first, second, third] = forwarded().split(' ');
    assert.match(first, /^\[CN_MOBILE:[0-9a-f]{16}\]$/);
    assert.equal(first, second);
    assert.notEqual(first, third);
    await ask('hash', mobile.value);
    assert.equal(forwarded(), first, 'and from one exchange to the next');
    const former = gateway.key;
    gateway.key = await gateway.createKey('another', ['demo', 'another']);
    await ask('hash', mobile.value);
    gateway.key = former;
    assert.match(forwarded(), /^\[CN_MOBILE:[0-9a-f]{16}\]$/);
    assert.notEqual(forwarded(), first, 'nor can another tenant compare them');
  });

  test('the strongest rule wins, whatever the order', async () => {
    const seen = provider.requests.length;
    assert.equal((await ask('ordered', `mail ${email.value}`)).status, 403);
    assert.equal(provider.requests.length, seen);
    assert.equal((await ask('ordered', `call ${mobile.value}`)).status, 200);
    assert.equal(forwarded(), `call ${mobile.tag}`);
  });

  test('a rule in shadow changes nothing', async () => {
    const answer = await ask('shadow', `call ${mobile.value}`);
    assert.equal(answer.status, 200);
    assert.equal(forwarded(), `call ${mobile.value}`);
    assert.equal(answer.headers['x-menshen-decision'], 'allow;shadow=deny');
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const labels = 'action="deny",mode="shadow",rule="shadowed"';
    assert.ok(metrics.includes(`menshen_rule_matches_total{${labels}} 1\n`), metrics);
  });

  test('a private key is refused on the way in', async () => {
    const seen = provider.requests.length;
    const answer = await ask('tag', `use this:\n${privateKey}`);
    assert.equal(answer.status, 403);
    assert.equal(provider.requests.length, seen);
    assert.ok(!answer.body.includes(privateKey.slice(50, 90)));
  });

  test('a private key is taken out on the way back, whole and in pieces', async () => {
    const reply = chatBody([chatChoice({ content: `Here:\n${privateKey}\nDone.` })]);
    provider.handler = (request, out) => out.json(200, reply);
    const answer = await ask('tag', 'hello');
    const lines = privateKey.trim().split('\n').slice(1, -1);
    for (const line of lines) assert.ok(!answer.body.includes(line), answer.body.toString());
    const { content: text } = JSON.parse(answer.body).choices[0].message;
    assert.ok(text.startsWith('Here:\n') && text.endsWith('Done.'), text);
    provider.handler = answerCleanly;
  });

  const user = (...parts) => ({ messages: [{ role: 'user', content: parts }] });
  const pixel = 'data:image/png;base64,iVBORw0KGgo=';
  const opaque = {
    'an image in chat': [
      'chat',
      user({ type: 'image_url', image_url: { url: pixel } }),
      'image',
      '/messages/0/content/0/image_url',
    ],
    'sound in chat': [
      'chat',
      user({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }),
      'audio',
      '/messages/0/content/0/input_audio',
    ],
    'a file in chat': [
      'chat',
      user({ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=' } }),
      'file',
      '/messages/0/content/0/file',
    ],
    'a file elsewhere in chat': [
      'chat',
      user({ type: 'file', file: { file_id: 'file-1' } }),
      'file, stored_reference',
      '/messages/0/content/0/file',
    ],
    'an image in responses': [
      'responses',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: pixel }] }] },
      'image',
      '/input/0/content/0/image_url',
    ],
    'a file in responses': [
      'responses',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] },
      'stored_reference',
      '/input/0/content/0/file_id',
    ],
    'an image in messages': [
      'messages',
      user({
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
      }),
      'image',
      '/messages/0/content/0/source',
    ],
    'a PDF in messages': [
      'messages',
      user({
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      }),
      'file',
      '/messages/0/content/0/source',
    ],
    'an image inside a tool result': [
      'messages',
      user({
        type: 'tool_result',
        tool_use_id: 'toolu_1',
        content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
      }),
      'image, remote_url',
      '/messages/0/content/0/content/0/source',
    ],
    'token numbers instead of a prompt': [
      'completions',
      { prompt: [9906, 11, 1917] },
      'token_array',
      '/prompt',
    ],
    'token numbers instead of an input': [
      'embeddings',
      { input: [[9906, 11, 1917], [5]] },
      'token_array',
      '/input',
    ],
  };

  const reasoning = (encrypted_content) => [
    'responses',
    { input: [{ type: 'reasoning', summary: [], encrypted_content }] },
  ];

  for (const [what, [api, change, kind, field]] of Object.entries(opaque)) {
    test(`what cannot be read is refused: ${what}`, async () => {
      const seen = provider.requests.length;
      const body = JSON.stringify({ ...apis[api].base, ...change });
      const answer = await send(gateway, apis[api].path, body);
      assert.equal(answer.status, 403, answer.body.toString());
      assert.equal(provider.requests.length, seen);
      const { error } = JSON.parse(answer.body);
      assert.equal(error.code ?? error.details.error_code, 'opaque_content');
      assert.equal(error.param, field);
      assert.match(error.message, new RegExp(`Found: ${kind}; rule: defaults.opaque_content;`));
    });
  }

  test('a rule decides about its kinds, the default about the rest', async () => {
    const rule = (id, kinds, action) => ({ id, find: { opaque: kinds }, then: { action } });
    const open = await Gateway.start({
      upstream: provider.url,
      policy: policy({
        content: [
          rule('pictures', ['image', 'remote_url'], 'allow'),
          rule('tokens', ['token_array'], 'annotate'),
          rule('thoughts', ['encrypted_reasoning'], 'deny'),
        ],
      }),
    });
    const passing = { image: 'allow', 'image, remote_url': 'allow', token_array: 'annotate' };
    for (const [what, [api, change, kind]] of Object.entries(opaque)) {
      const body = JSON.stringify({ ...apis[api].base, ...change });
      const answer = await send(open, apis[api].path, body);
      assert.equal(answer.status, kind in passing ? 200 : 403, `${what}: ${answer.body}`);
      if (kind in passing) assert.equal(answer.headers['x-menshen-decision'], passing[kind]);
    }
    const [api, change] = reasoning('gAAA');
    const body = JSON.stringify({ ...apis[api].base, ...change });
    const answer = await send(open, apis[api].path, body);
    assert.equal(answer.status, 403);
    assert.match(answer.body.toString(), /Found: encrypted_reasoning; rule: thoughts;/);
    const metrics = await (await fetch(`${open.adminUrl}/metrics`)).text();
    assert.match(metrics, /menshen_opaque_total\{direction="request",kind="image"\} 4/);
    assert.match(metrics, /menshen_opaque_total\{direction="request",kind="remote_url"\} 1/);
    assert.match(metrics, /menshen_unread_forwarded_total\{kind="image"\} 4/);
    assert.match(metrics, /menshen_unread_forwarded_total\{kind="remote_url"\} 1/);
    assert.match(metrics, /menshen_unread_forwarded_total\{kind="encrypted_reasoning"\} 0\n/);
    assert.match(metrics, /menshen_scanned_bytes_total [1-9]/);
    await open.stop();
  });

  test('encrypted reasoning passes at its field, whatever the default', async () => {
    const [api, change] = reasoning('gAAA'.repeat(1000));
    const body = JSON.stringify({ ...apis[api].base, ...change });
    const answer = await send(gateway, apis[api].path, body);
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(provider.requests.at(-1).body.toString(), body);
    assert.equal(answer.headers['x-menshen-decision'], 'allow');
  });

  test('what cannot be read passes where the policy says so', async () => {
    const open = await Gateway.start({
      upstream: provider.url,
      policy: policy({ defaults: { opaque_content: 'annotate' } }),
    });
    for (const [what, [api, change]] of Object.entries(opaque)) {
      const body = JSON.stringify({ ...apis[api].base, ...change });
      const answer = await send(open, apis[api].path, body);
      assert.equal(answer.status, 200, `${what}: ${answer.body}`);
      assert.equal(answer.headers['x-menshen-decision'], 'annotate', what);
    }
    await open.stop();
  });
});
