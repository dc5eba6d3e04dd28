// Laws 1 and 4 for answers: whatever the place, and however a stream is cut, a value that a rule is
// about does not reach the client, and nothing else of the answer changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { wholeRows } from '../support/answer_positions.mjs';
import {
  apis,
  chatBody,
  chatChoice,
  chatDelta,
  chatStop,
  done,
  parseEvents,
  pathOf,
  readEvents,
  textChunk,
} from '../support/apis.mjs';
import { Gateway, forModel, policy, redact, refuse } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { cuts, streamCases, wholeCases } from '../support/response_matrix.mjs';
import { leaks, mobile, specimens, unquoted } from '../support/specimens.mjs';
import { streamRows } from '../support/stream_positions.mjs';

const rules = [
  forModel(redact('redacting', 'response', { categories: ['pii'] }), 'redacting'),
  forModel(refuse('refusing', 'response', { categories: ['pii'] }), 'refusing'),
];

let provider;
let gateway;
before(async () => {
  provider = await Provider.start();
  gateway = await Gateway.start({
    upstream: provider.url,
    // What stands beside a reference to stored content is looked at all the same.
    policy: policy({ content: rules, defaults: { opaque_content: 'annotate' } }),
  });
});
after(async () => {
  await gateway.stop();
  await provider.stop();
});

const ask = (api, model, stream) => {
  const flag = stream ? { stream } : {};
  return send(gateway, pathOf(api, model), JSON.stringify({ ...apis[api].base, model, ...flag }));
};

describe('positions of a whole answer', () => {
  async function answerWith(api, model, row, text) {
    const body = JSON.stringify(row.body(text));
    provider.handler = (request, reply) =>
      reply.bytes(row.status ?? 200, { 'content-type': 'application/json' }, body);
    return ask(api, model, false);
  }

  for (const [api, rows] of Object.entries(wholeRows)) {
    for (const row of rows) {
      test(`${api}: ${row.name} is redacted`, async () => {
        for (const { value, text, after } of wholeCases(row.kind)) {
          const answer = await answerWith(api, 'redacting', row, text);
          assert.ok(!leaks(answer.body, value), `it reached the client: ${answer.body}`);
          assert.equal(
            unquoted(row, answer.body.toString()),
            unquoted(row, JSON.stringify(row.body(after))),
          );
          assert.equal(answer.status, row.status ?? 200);
        }
      });
      test(`${api}: ${row.name} is refused`, async () => {
        for (const { value, text } of wholeCases(row.kind)) {
          const answer = await answerWith(api, 'refusing', row, text);
          assert.equal(answer.status, 403, answer.body.toString());
          assert.ok(!leaks(answer.body, value), `it reached the client: ${answer.body}`);
        }
      });
    }
  }
});

describe('positions of a stream', () => {
  function streamOf(events, api) {
    const type = apis[api]?.streamType;
    provider.handler = async (request, reply) => {
      reply.stream(type ? { 'content-type': type } : {});
      for (const event of events) await reply.write(event);
      reply.end();
    };
  }

  async function redacted(api, row, one, pieces) {
    streamOf(row.events(pieces), api);
    const { status, body, complete } = await ask(api, 'redacting', true);
    assert.equal(status, 200, body.toString());
    assert.ok(complete, 'the stream has its end');
    const said = `${JSON.stringify(pieces)} gave ${body}`;
    assert.ok(!leaks(body, one.value), said);
    assert.equal(unquoted(row, row.read(readEvents(api, body))), unquoted(row, one.after), said);
  }

  // Nothing of the value is shown: neither whole nor its beginning.
  async function refused(api, row, one, pieces) {
    streamOf(row.events(pieces), api);
    const { status, body } = await ask(api, 'refusing', true);
    const said = `${JSON.stringify(pieces)} gave ${body}`;
    assert.ok(!leaks(body, one.value), said);
    if (status === 403) return;
    assert.equal(status, 200, said);
    const shown = row.read(readEvents(api, body));
    assert.ok(one.before.startsWith(shown), `shown: ${JSON.stringify(shown)}; ${said}`);
    assert.match(body.toString(), /"error"/, 'an error event says why it ended');
  }

  for (const [api, rows] of Object.entries(streamRows)) {
    for (const row of rows) {
      for (const [what, check] of Object.entries({ redacted, refused })) {
        test(`${api}: ${row.name} is ${what} at every cut`, async () => {
          for (const one of streamCases(row.kind)) {
            for (const pieces of row.whole ? [[one.text]] : cuts(one)) {
              await check(api, row, one, pieces);
            }
          }
        });
      }
    }
  }

  // Lines of JSON have nothing beside their documents.
  const withFields = Object.entries(streamRows).filter(([api]) => !apis[api].parse);
  for (const [api, [row]] of withFields) {
    const fields = { comment: '', id: 'id', 'unknown field': 'note' };
    for (const [name, field] of Object.entries(fields)) {
      test(`${api}: the ${name} beside an event's data`, async () => {
        for (const { value, tag } of specimens) {
          const line = `${field}: please reach ${value} today\n`;
          const events = row.events(['Hello ', 'there.']);
          for (const beside of [
            [`${line}\n`, ...events],
            [line + events[0], ...events.slice(1)],
            [...events.slice(0, -1), line + events.at(-1)],
          ]) {
            streamOf(beside);
            const { status, body, complete } = await ask(api, 'redacting', true);
            assert.equal(status, 200, body.toString());
            assert.ok(complete, 'the stream has its end');
            assert.ok(!leaks(body, value), `${tag} leaked: ${body}`);
            assert.equal(row.read(parseEvents(body)), 'Hello there.');
            const refusing = await ask(api, 'refusing', true);
            assert.ok(!leaks(refusing.body, value), `${tag} leaked: ${refusing.body}`);
            assert.match(refusing.body.toString(), /"error"/, 'an error says why');
          }
        }
      });
    }
  }

  // The bytes of the stream in two writes, cut at each byte: events, characters and values are
  // split.
  for (const api of ['chat', 'messages', 'responses', 'ollama_chat', 'ollama_generate']) {
    test(`${api}: the findings do not depend on how the bytes are cut`, async () => {
      const [row] = streamRows[api];
      const text = `请联系 ${mobile.value} 谢谢`;
      const bytes = Buffer.from(row.events([text.slice(0, 9), text.slice(9)]).join(''));
      const begin = bytes.indexOf('请');
      const end = bytes.indexOf('谢') + 6;
      let wanted;
      for (let at = begin; at <= end; at += 1) {
        streamOf([bytes.subarray(0, at), bytes.subarray(at)], api);
        const { body } = await ask(api, 'redacting', true);
        wanted ??= body.toString();
        assert.equal(body.toString(), wanted, `cut at byte ${at}`);
      }
      assert.ok(!leaks(Buffer.from(wanted), mobile.value));
      assert.equal(row.read(readEvents(api, Buffer.from(wanted))), `请联系 ${mobile.tag} 谢谢`);
    });
  }
});

describe('log probabilities repeat the text token by token', () => {
  const tokens = ['reach ', '1381', '2345', '678', ' now'];
  const bytesOf = (token) => [...Buffer.from(token)];
  const entry = (token) => ({ token, logprob: -1, bytes: bytesOf(token), top_logprobs: [] });
  const wholeText = tokens.join('');
  const safeText = wholeText.replace(mobile.value, mobile.tag);

  function secretSeen(body) {
    const joined = JSON.stringify(
      [...body.toString().matchAll(/"token":"([^"]*)"/g)].map((m) => m[1]),
    );
    const bytes = [...body.toString().matchAll(/"bytes":\[([\d,]*)\]/g)]
      .map((m) => m[1])
      .join(',');
    return joined.includes('2345') || bytes.includes(bytesOf('2345').join(','));
  }

  test('chat: they are taken out with the value', async () => {
    const choice = chatChoice({ content: wholeText }, 0, {
      logprobs: { content: tokens.map(entry), refusal: null },
    });
    provider.handler = (request, reply) => reply.json(200, chatBody([choice]));
    const { body, status } = await ask('chat', 'redacting', false);
    assert.equal(status, 200);
    assert.ok(!secretSeen(body), body.toString());
    assert.equal(JSON.parse(body).choices[0].message.content, safeText);
  });

  test('chat, streamed: they are taken out with the value', async () => {
    const events = tokens.map((token) =>
      chatDelta({ content: token }, 0, { logprobs: { content: [entry(token)], refusal: null } }),
    );
    provider.handler = async (request, reply) => {
      reply.stream();
      for (const event of [...events, chatStop(), done]) await reply.write(event);
      reply.end();
    };
    const { body } = await ask('chat', 'redacting', true);
    assert.ok(!secretSeen(body), body.toString());
    assert.equal(streamRows.chat[0].read(parseEvents(body)), safeText);
  });

  test('completions: they are taken out with the value', async () => {
    const logprobs = {
      tokens,
      token_logprobs: tokens.map(() => -1),
      top_logprobs: null,
      text_offset: [0, 6, 10, 14, 17],
    };
    const choice = { index: 0, text: wholeText, logprobs, finish_reason: 'stop' };
    provider.handler = (request, reply) =>
      reply.json(200, { ...apis.completions.reply, choices: [choice] });
    const { body } = await ask('completions', 'redacting', false);
    assert.ok(!body.includes('2345'), body.toString());
    assert.equal(JSON.parse(body).choices[0].text, safeText);
  });

  test('completions, streamed: they are taken out with the value', async () => {
    const events = tokens.map((token) =>
      textChunk(token, 0, {
        logprobs: {
          tokens: [token],
          token_logprobs: [-1],
          top_logprobs: [{ [token]: -1 }],
          text_offset: [0],
        },
      }),
    );
    provider.handler = async (request, reply) => {
      reply.stream();
      for (const event of [...events, done]) await reply.write(event);
      reply.end();
    };
    const { body, status } = await ask('completions', 'redacting', true);
    assert.ok(!body.includes('2345'), body.toString());
    if (status === 200) {
      assert.ok(streamRows.completions[0].read(parseEvents(body)).startsWith('reach '));
    }
  });
});
