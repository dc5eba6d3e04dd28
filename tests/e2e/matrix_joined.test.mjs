// Law 1 for values that are cut by the structure of a document: adjacent texts of one speaker are
// read as one, with nothing between them and with a blank, and what two speakers say is not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, parseEvents } from '../support/apis.mjs';
import { Gateway, forModel, policy, redact, refuse } from '../support/gateway.mjs';
import {
  joinedAnswers,
  joinedRequests,
  joinedStreams,
  separateAnswers,
  separateRequests,
  separateStreams,
} from '../support/joined_positions.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { leaks, specimens } from '../support/specimens.mjs';

const rules = [
  forModel(redact('redacting', 'both', { categories: ['pii'] }), 'redacting'),
  forModel(refuse('refusing', 'both', { categories: ['pii'] }), 'refusing'),
];

// { a, b, type, value, after: [a, b] }: the value cut at every place inside; and where blanks
// belong in it, at these.
function* cutValues() {
  for (const { type, value, tag } of specimens) {
    for (let at = 1; at < value.length; at += 1) {
      const [a, b] = [`please reach ${value.slice(0, at)}`, `${value.slice(at)} today`];
      yield { a, b, type, value, after: [`please reach ${tag}`, ' today'] };
    }
  }
  const after = ['call [CN_MOBILE]', ' today'];
  yield { a: 'call 138', b: '1234 5678 today', type: 'cn_mobile', value: '138 1234 5678', after };
  yield {
    a: 'my number is',
    b: '13812345678 today',
    type: 'cn_mobile',
    value: '13812345678',
    after: ['my number is', '[CN_MOBILE] today'],
  };
}

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

const request = (api, change, model, stream) => {
  const flag = stream ? { stream } : {};
  return JSON.stringify({ ...apis[api].base, ...change, model, ...flag });
};

const counted = (answer, { type }) =>
  assert.equal(answer.headers['x-menshen-redactions'], `${type}=1`);

const number = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

describe('a value cut between two texts of a request', () => {
  before(() => {
    provider.handler = answerCleanly;
  });

  for (const [api, rows] of Object.entries(joinedRequests)) {
    for (const row of rows) {
      for (const stream of [false, true]) {
        test(`${api}${stream ? ', streamed' : ''}: ${row.name}: redacted, refused`, async () => {
          for (const cut of cutValues()) {
            const { a, b, value } = cut;
            const body = request(api, row.change(a, b), 'redacting', stream);
            const answer = await send(gateway, apis[api].path, body);
            assert.equal(answer.status, 200, answer.body.toString());
            const forwarded = provider.requests.at(-1).body;
            const wanted = request(api, row.change(...cut.after), 'redacting', stream);
            assert.equal(forwarded.toString(), wanted, JSON.stringify([a, b]));
            counted(answer, cut);

            const seen = provider.requests.length;
            const refused = request(api, row.change(a, b), 'refusing', stream);
            const refusal = await send(gateway, apis[api].path, refused);
            assert.equal(refusal.status, 403, refusal.body.toString());
            assert.equal(provider.requests.length, seen, 'the provider was called');
            assert.ok(!leaks(refusal.body, value), 'the error repeats the value');
          }
        });
      }
    }
  }

  for (const [api, rows] of Object.entries(separateRequests)) {
    for (const row of rows) {
      test(`${api}: ${row.name} are texts of their own`, async () => {
        const body = request(api, row.change('reach 1381234', '5678 today'), 'refusing', false);
        const answer = await send(gateway, apis[api].path, body);
        assert.equal(answer.status, 200, answer.body.toString());
        assert.equal(provider.requests.at(-1).body.toString(), body);
      });
    }
  }
});

describe('a value cut between two texts of an answer', () => {
  const ask = (api, model, stream) =>
    send(gateway, apis[api].path, request(api, {}, model, stream));
  const answers = (body) => {
    provider.handler = (_, reply) => reply.json(200, body);
  };
  const streams = (events) => {
    provider.handler = async (_, reply) => {
      reply.stream();
      for (const event of events) await reply.write(event);
      reply.end();
    };
  };

  for (const [api, rows] of Object.entries(joinedAnswers)) {
    for (const row of rows) {
      test(`${api}: ${row.name}: redacted, refused`, async () => {
        for (const cut of cutValues()) {
          answers(row.body(cut.a, cut.b));
          const answer = await ask(api, 'redacting', false);
          assert.equal(answer.body.toString(), JSON.stringify(row.body(...cut.after)));
          counted(answer, cut);
          const refusal = await ask(api, 'refusing', false);
          assert.equal(refusal.status, 403, refusal.body.toString());
        }
      });
    }
  }

  for (const [api, rows] of Object.entries(separateAnswers)) {
    for (const row of rows) {
      test(`${api}: ${row.name} are texts of their own`, async () => {
        const body = row.body('reach 1381234', '5678 today');
        answers(body);
        const answer = await ask(api, 'refusing', false);
        assert.equal(answer.body.toString(), JSON.stringify(body));
      });
    }
  }

  for (const [api, rows] of Object.entries(joinedStreams)) {
    for (const row of rows) {
      test(`${api}, streamed: ${row.name}: redacted, refused`, async () => {
        for (const { a, b, value, after: wanted } of cutValues()) {
          streams(row.events(a, b));
          const { body, complete } = await ask(api, 'redacting', true);
          assert.ok(complete, 'the stream has its end');
          const events = parseEvents(body);
          const said = `${JSON.stringify([a, b])} gave ${body}`;
          assert.deepEqual(row.read(events), wanted, said);
          if (row.said) {
            const [first, second] = wanted;
            assert.deepEqual(row.said(events), [first, first, second, second], said);
          }
          const refused = await ask(api, 'refusing', true);
          assert.match(refused.body.toString(), /"error"/, 'an error says why');
          // Any four digits may stand in the exchange's own number.
          const error = refused.body.toString().replaceAll(number, '');
          assert.ok(!error.includes(value.slice(-4)), error);
        }
      });
    }
  }

  for (const [api, rows] of Object.entries(separateStreams)) {
    for (const row of rows) {
      test(`${api}, streamed: ${row.name} are texts of their own`, async () => {
        streams(row.events('reach 1381234', '5678 today'));
        const { body, complete } = await ask(api, 'refusing', true);
        assert.ok(complete, body.toString());
        assert.deepEqual(row.read(parseEvents(body)), ['reach 1381234', '5678 today']);
      });
    }
  }
});
