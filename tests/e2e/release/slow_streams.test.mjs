// Law 7: a thousand slow streams at once all complete, and memory does not grow with time.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta, chatStop, done } from '../../support/apis.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { residentMegabytes, until } from '../../support/process.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';

const streams = 1000;
const rounds = 20;
const growth_megabytes_max = 32;
const piece = 'Plain words that nobody minds, and again some more of them. ';

describe('a thousand slow streams', () => {
  let provider;
  let gateway;
  const replies = [];
  before(async () => {
    provider = await Provider.start();
    provider.handler = (request, reply) => {
      reply.stream();
      replies.push(reply);
    };
    gateway = await Gateway.start({ upstream: provider.url });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  test('all complete, and memory stays flat while they run', async () => {
    const body = JSON.stringify({ ...apis.chat.base, stream: true });
    const answers = Array.from({ length: streams }, () => send(gateway, apis.chat.path, body));
    await until('all streams are open', () => replies.length === streams);
    const sizes = [];
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(replies.map((reply) => reply.write(chatDelta({ content: piece }))));
      await new Promise((resolve) => {
        setTimeout(resolve, 250);
      });
      sizes.push(await residentMegabytes(gateway.process.pid));
    }
    await Promise.all(replies.map((reply) => reply.write(chatStop() + done)));
    for (const reply of replies) reply.end();
    const text = piece.repeat(rounds);
    for (const answer of await Promise.all(answers)) {
      assert.equal(answer.status, 200);
      assert.ok(answer.complete);
      const said = [...answer.body.toString().matchAll(/"content":"([^"]*)"/g)];
      assert.equal(said.map((match) => match[1]).join(''), text);
    }
    // The first rounds fill what is kept for reuse; after that a round costs nothing that stays.
    const grown = sizes.at(-1) - sizes[Math.floor(rounds / 2)];
    const seen = sizes.map((size) => size.toFixed(0)).join(' ');
    assert.ok(grown < growth_megabytes_max, `resident megabytes by round: ${seen}`);
  });
});
