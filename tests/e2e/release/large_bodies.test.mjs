// Bodies of megabytes with a value in each line, part or token: redacted whole, in memory that
// stands in proportion to their bytes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, chatBody, chatChoice } from '../../support/apis.mjs';
import { Gateway, policy, redact } from '../../support/gateway.mjs';
import { peakMegabytes } from '../../support/process.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';
import { email } from '../../support/specimens.mjs';

const megabyte = 1024 ** 2;
// Of the process's peak, for each byte of the body, which is the largest so far: its copies at both
// ends, the document, its findings and edits.
const bytesForEachByte = 30;

const count = (text, wanted) => text.split(wanted).length - 1;
const lines = (size, line) => line.repeat(Math.ceil(size / line.length));

describe('large bodies', () => {
  let provider;
  let gateway;
  let atRest;
  before(async () => {
    provider = await Provider.start();
    gateway = await Gateway.start({
      upstream: provider.url,
      policy: policy({ content: [redact('pii', 'both', { categories: ['pii'] })] }),
    });
    provider.handler = answerCleanly;
    await ask('warm up');
    atRest = await peakMegabytes(gateway.process.pid);
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = (content) => {
    const body = { ...apis.chat.base, messages: [{ role: 'user', content }] };
    return send(gateway, apis.chat.path, JSON.stringify(body));
  };
  const forwarded = () => JSON.parse(provider.requests.at(-1).body).messages[0].content;
  const checkMemory = async (bytes) => {
    const grown = (await peakMegabytes(gateway.process.pid)) - atRest;
    assert.ok(
      grown * megabyte < bytesForEachByte * bytes,
      `${grown} MB more at the peak, after a body of ${bytes} bytes`,
    );
  };

  test('parts with an address in each', async () => {
    const parts = Array.from({ length: 20_000 }, (_, i) => ({
      type: 'text',
      text: `${i}\n${email.value}.`,
    }));
    const answer = await ask(parts);
    assert.equal(answer.status, 200);
    assert.equal(count(JSON.stringify(forwarded()), '[EMAIL]'), parts.length);
    await checkMemory(JSON.stringify(parts).length);
  });

  test('8 MB of top_logprobs beside an answer that is redacted', async () => {
    const token = (text) => ({ token: text, logprob: -0.1, bytes: [...Buffer.from(text)] });
    const entry = (text) => ({ ...token(text), top_logprobs: [text, 'b', 'c', 'd'].map(token) });
    const tokens = Array.from({ length: 34_000 }, (_, i) =>
      entry(i % 8 === 0 ? `\n${email.value} ` : 'a'),
    );
    const choice = chatChoice({ role: 'assistant', content: `to ${email.value}` }, 0, {
      logprobs: { content: tokens },
    });
    const body = JSON.stringify(chatBody([choice]));
    assert.ok(body.length > 8 * megabyte);
    provider.handler = (request, reply) =>
      reply.bytes(200, { 'content-type': 'application/json' }, body);
    const answer = await ask('Who?');
    assert.equal(answer.status, 200);
    const { choices } = JSON.parse(answer.body);
    assert.equal(choices[0].message.content, 'to [EMAIL]');
    assert.equal(choices[0].logprobs, null);
    await checkMemory(body.length);
  });

  test('9.5 MB of lines with an address in each', async () => {
    provider.handler = answerCleanly;
    const text = lines(9.5 * megabyte, `1,${email.value},x\n`);
    const answer = await ask(text);
    assert.equal(answer.status, 200);
    assert.equal(forwarded(), text.replaceAll(email.value, '[EMAIL]'));
    await checkMemory(text.length);
  });
});
