// Names and the way back of pseudonyms at every position: a name does not reach the provider or the
// client where a rule is about it, and what an answer calls by a placeholder of its exchange comes
// back, though rules on answers look for just such values.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { wholeRows } from '../support/answer_positions.mjs';
import { answerCleanly, apis, pathOf, readEvents } from '../support/apis.mjs';
import { Gateway, forModel, policy, redact } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { fill, template } from '../support/request_matrix.mjs';
import { requestRows } from '../support/request_positions.mjs';
import { cuts } from '../support/response_matrix.mjs';
import { email, inSource, leaks } from '../support/specimens.mjs';
import { streamRows } from '../support/stream_positions.mjs';

const person = { value: 'Margaret Thompson', tag: '[PERSON]' };
const chinese = { value: '欧阳明华', tag: '[PERSON]', around: (name) => `联系人：${name}，谢谢` };
const names = [person, chinese];
const sentence = ({ around = (name) => name }, text) => around(text);

const wrap = {
  text: (text) => `please reach ${text} today`,
  loose: (text) => `please reach ${text} today`,
  json: (text) => `{"to": "please reach ${text} today", "count": 2}`,
};
// Quotes around what stands in a text that only might be JSON are no difference.
const unquoted = ({ kind }, text, what) =>
  kind === 'loose' ? text.replaceAll(new RegExp(`\\\\*"(${what})\\\\*"`, 'g'), '$1') : text;
const quoted = (text) => text.replace(/[[\].]/g, '\\$&');

const found = { categories: ['pii', 'name'] };
const rules = [
  forModel(redact('asked', 'request', { categories: ['name'] }), 'redacting'),
  forModel(redact('answered', 'response', { categories: ['name'] }), 'redacting'),
  forModel(redact('calling', 'request', found, 'pseudonym'), 'calling'),
  forModel(redact('beside', 'response', found), 'calling'),
];

let provider;
let gateway;
before(async () => {
  provider = await Provider.start();
  gateway = await Gateway.start({
    upstream: provider.url,
    policy: policy({ content: rules, defaults: { opaque_content: 'annotate' } }),
  });
});
after(async () => {
  await gateway.stop();
  await provider.stop();
});

// The request says both values, in a field that every API lets pass.
const ask = (api, model, stream) => {
  const x_vendor = `please reach ${person.value} or ${email.value} today`;
  const flag = stream ? { stream } : {};
  const body = { ...apis[api].base, model, ...flag, ...(model === 'calling' ? { x_vendor } : {}) };
  return send(gateway, pathOf(api, model), JSON.stringify(body));
};

async function wholeAnswer(api, model, row, text) {
  const body = JSON.stringify(row.body(text));
  provider.handler = (request, reply) =>
    reply.bytes(row.status ?? 200, { 'content-type': 'application/json' }, body);
  const answer = await ask(api, model, false);
  assert.equal(answer.status, row.status ?? 200, answer.body.toString());
  return answer.body;
}

async function streamedText(api, model, row, pieces) {
  const type = apis[api].streamType;
  provider.handler = async (request, reply) => {
    reply.stream(type ? { 'content-type': type } : {});
    for (const event of row.events(pieces)) await reply.write(event);
    reply.end();
  };
  const { status, body, complete } = await ask(api, model, true);
  assert.equal(status, 200, body.toString());
  assert.ok(complete, 'the stream has its end');
  return { body, text: row.read(readEvents(api, body)) };
}

describe('names in a request', () => {
  for (const [api, rows] of Object.entries(requestRows)) {
    for (const row of rows.filter(({ kind }) => kind !== 'number' && kind !== 'key')) {
      test(`${api}: ${row.name}`, async () => {
        provider.handler = answerCleanly;
        const text = template(api, row, 'redacting', false);
        const depth = row.kind === 'json' ? 2 : 1;
        for (const name of names) {
          const written = (what) => fill(text, inSource(sentence(name, what), depth));
          const answer = await send(gateway, pathOf(api, 'redacting'), written(name.value));
          assert.equal(answer.status, 200, answer.body.toString());
          const seen = provider.requests.at(-1).body;
          assert.ok(!leaks(seen, name.value), `it reached the provider: ${seen}`);
          assert.equal(seen.toString(), written(name.tag));
        }
      });
    }
  }
});

describe('names in an answer', () => {
  for (const [api, rows] of Object.entries(wholeRows)) {
    for (const row of rows) {
      test(`${api}: ${row.name}`, async () => {
        for (const name of names) {
          const text = (what) => wrap[row.kind](sentence(name, what));
          const body = await wholeAnswer(api, 'redacting', row, text(name.value));
          assert.ok(!leaks(body, name.value), `it reached the client: ${body}`);
          assert.equal(body.toString(), JSON.stringify(row.body(text(name.tag))));
        }
      });
    }
  }
  for (const [api, rows] of Object.entries(streamRows)) {
    for (const row of rows) {
      test(`${api}: ${row.name}, streamed at every cut`, async () => {
        const said = wrap[row.kind](person.value);
        const one = { text: said, value: person.value };
        for (const pieces of row.whole ? [[said]] : cuts(one)) {
          const { body, text } = await streamedText(api, 'redacting', row, pieces);
          assert.ok(!leaks(body, person.value), `${JSON.stringify(pieces)} gave ${body}`);
          // What may be whole or a piece is judged as both.
          const once = text.replace(person.tag.repeat(2), person.tag);
          assert.equal(once, wrap[row.kind](person.tag));
        }
      });
    }
  }
});

describe('the way back', () => {
  const forms = [
    ['<EMAIL_1>', email.value],
    ['【PERSON_1】', person.value],
    ['&lt;email_1&gt;', email.value],
    ['PERSON_1', person.value],
  ];
  const asTold = () => {
    const told = provider.requests.at(-1).body.toString();
    assert.match(told, /please reach <PERSON_1> or <EMAIL_1> today/);
    assert.ok(!told.includes(email.value) && !told.includes(person.value), told);
  };

  for (const [api, rows] of Object.entries(wholeRows)) {
    for (const row of rows) {
      test(`${api}: ${row.name}`, async () => {
        for (const [placeholder, value] of forms) {
          const body = await wholeAnswer(api, 'calling', row, wrap[row.kind](placeholder));
          asTold();
          const expected = row.body(wrap[row.kind](value));
          // Tokens that the provider wants back would bring it placeholders that nobody numbered.
          if (expected.context) expected.context = null;
          assert.equal(unquoted(row, body.toString(), quoted(value)), JSON.stringify(expected));
        }
      });
    }
  }
  for (const [api, rows] of Object.entries(streamRows)) {
    for (const row of rows) {
      test(`${api}: ${row.name}, streamed at every cut`, async () => {
        for (const [placeholder, value] of forms.slice(0, 2)) {
          const said = wrap[row.kind](placeholder);
          const one = { text: said, value: placeholder };
          for (const pieces of row.whole ? [[said]] : cuts(one)) {
            const { text } = await streamedText(api, 'calling', row, pieces);
            const expected = wrap[row.kind](value);
            assert.equal(unquoted(row, text, quoted(value)), expected, JSON.stringify(pieces));
          }
        }
        asTold();
      });
    }
  }
});
