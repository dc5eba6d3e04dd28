// Law 1 for requests: whatever the place and the spelling, a value that a rule is about does not
// reach the provider, and nothing else of the request changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, pathOf } from '../support/apis.mjs';
import { Gateway, forModel, policy, redact, refuse } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { cases, fill, template } from '../support/request_matrix.mjs';
import { requestRows } from '../support/request_positions.mjs';
import { leaks, unquoted } from '../support/specimens.mjs';

const rules = [
  forModel(redact('redacting', 'request', { categories: ['pii'] }), 'redacting'),
  forModel(refuse('refusing', 'request', { categories: ['pii'] }), 'refusing'),
];

describe('positions of a request', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
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

  async function redacted(api, row, stream, { value, written, after }) {
    const text = template(api, row, 'redacting', stream);
    const seen = provider.requests.length;
    const answer = await send(gateway, pathOf(api, 'redacting'), fill(text, written));
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(provider.requests.length, seen + 1);
    const forwarded = provider.requests.at(-1).body;
    assert.ok(!leaks(forwarded, value), `it reached the provider: ${forwarded}`);
    assert.equal(unquoted(row, forwarded.toString()), unquoted(row, fill(text, after)));
  }

  async function refused(api, row, model, stream, { value, written }) {
    const text = fill(template(api, row, model, stream), written);
    const seen = provider.requests.length;
    const answer = await send(gateway, pathOf(api, model), text);
    assert.equal(answer.status, 403, answer.body.toString());
    assert.equal(provider.requests.length, seen, 'the provider was called');
    assert.ok(!leaks(answer.body, value), 'the error repeats the value');
  }

  for (const [api, rows] of Object.entries(requestRows)) {
    for (const row of rows) {
      for (const stream of apis[api].events ? [false, true] : [false]) {
        const name = `${api}${stream ? ', streamed' : ''}: ${row.name}`;
        const outcome = row.kind === 'key' ? 'refused, for a key cannot change' : 'redacted';
        test(`${name} is ${outcome}`, async () => {
          for (const one of cases(row)) {
            if (row.kind === 'key') await refused(api, row, 'redacting', stream, one);
            else await redacted(api, row, stream, one);
          }
        });
        test(`${name} is refused`, async () => {
          for (const one of cases(row)) await refused(api, row, 'refusing', stream, one);
        });
      }
    }
  }
});
