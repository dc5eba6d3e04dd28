// Replays tests/cases/*.jsonl: exchanges written after public reports (tests/cases/README.md).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { chatBody, chatChoice } from '../support/apis.mjs';
import { Gateway, policy, redact } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const file = new URL('../cases/public_reports.jsonl', import.meta.url);
const cases = (await readFile(file, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));

const rules = ['request', 'response'].flatMap((direction) => [
  redact(`pii-${direction}`, direction, { categories: ['pii'] }),
  redact(`secret-${direction}`, direction, { categories: ['secret'] }),
]);

function bodyOf(request) {
  if (request.raw !== undefined) return Buffer.from(request.raw);
  if (request.raw_hex !== undefined) return Buffer.from(request.raw_hex, 'hex');
  return Buffer.from(JSON.stringify(request));
}

// What the gateway adds of its own, in forms that clients pass over.
const withoutOwn = (text) =>
  text
    .replace(/event: ping\ndata: \{"type":"ping","menshen":.*?\n\n/gs, '')
    .replace(/: menshen\.scores .*?\n\n/gs, '');

function joinedText(body, path) {
  let text = '';
  for (const line of body.split('\n')) {
    if (!line.startsWith('data:') || !line.includes('{')) continue;
    const value = path.reduce((at, key) => at?.[key], JSON.parse(line.slice(5)));
    if (typeof value === 'string') text += value;
  }
  return text;
}

async function answerWith(upstream, reply) {
  if (!upstream) return reply.json(200, chatBody([chatChoice({ content: 'ok' })]));
  const { status, headers, body, cut } = upstream;
  if (!headers['content-type']?.includes('event-stream')) return reply.bytes(status, headers, body);
  reply.stream(headers);
  await reply.write(body);
  return cut ? reply.reset() : reply.end();
}

function contains(text, parts = []) {
  for (const part of parts) assert.ok(text.includes(part), `lacks ${part}: ${text}`);
}
function lacks(text, parts = []) {
  for (const part of parts) assert.ok(!text.includes(part), `has ${part}: ${text}`);
}

function checkAnswer(expect, answer, sent) {
  const text = answer.body.toString();
  const passed = withoutOwn(text);
  contains(text, expect.client_contains);
  lacks(passed, expect.client_lacks);
  for (const [name, value] of Object.entries(expect.header ?? {})) {
    assert.equal(answer.headers[name], value);
  }
  if (expect.status !== undefined) assert.equal(answer.status, expect.status, text);
  if (expect.byte_equal) assert.equal(passed, sent);
  if (expect.joined) assert.equal(joinedText(passed, expect.joined[0]), expect.joined[1]);
  if (expect.joined_lacks) {
    const [path, value] = expect.joined_lacks;
    lacks(joinedText(passed, path), [value, expect.joined_lacks_also ?? value]);
    assert.ok(!passed.includes('"error"'), passed);
  }
}

function checkForwarded(expect, forwarded, body) {
  const text = forwarded?.toString() ?? '';
  contains(text, expect.upstream_contains);
  lacks(text, expect.upstream_lacks);
  if (expect.forwarded !== undefined) assert.equal(forwarded !== undefined, expect.forwarded);
  if (expect.upstream_equal) assert.deepEqual(forwarded, body);
}

describe('cases from public reports', () => {
  let provider;
  const gateways = {};
  before(async () => {
    provider = await Provider.start();
    for (const opaque of ['deny', 'allow']) {
      gateways[opaque] = await Gateway.start({
        upstream: provider.url,
        policy: policy({ content: rules, defaults: { opaque_content: opaque } }),
      });
    }
  });
  after(async () => {
    for (const gateway of Object.values(gateways)) await gateway.stop();
    await provider.stop();
  });

  for (const { id, kind, source, input, expect } of cases) {
    test(`${kind}: ${id} (${source})`, async () => {
      provider.handler = (request, reply) => answerWith(input.upstream, reply);
      const seen = provider.requests.length;
      const body = bodyOf(input.request);
      const answer = await send(gateways[input.opaque ?? 'deny'], input.path, body);
      checkAnswer(expect, answer, input.upstream?.body);
      checkForwarded(expect, provider.requests[seen]?.body, body);
    });
  }
});
