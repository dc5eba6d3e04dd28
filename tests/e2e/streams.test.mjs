// Streams as people feel them: pieces leave as they come, silence is bridged by pings, an abort
// reaches the provider, and what is held back is bounded.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta, chatStop, done, named, parseEvents } from '../support/apis.mjs';
import { Gateway, policy } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { RawConnection, send } from '../support/raw.mjs';
import { anthropic, openai } from '../support/sdk_suite.mjs';

// As much of a text as a detector may have to see before it can settle the text before it.
const held_characters_max = 256 + 64;
const words =
  'The plan for the next quarter is simple and everybody in the team knows it by heart. ';

let provider;
let gateway;
before(async () => {
  provider = await Provider.start();
  gateway = await Gateway.start({
    upstream: provider.url,
    limits: { ping_interval_ms: 100 },
    policy: policy({ defaults: { scores: 'always' } }),
  });
});
after(async () => {
  await gateway.stop();
  await provider.stop();
});

// Opens a streamed request and leaves the connection to the test.
async function openStream(api) {
  const body = JSON.stringify({ ...apis[api].base, stream: true });
  const connection = await RawConnection.open(gateway.port);
  connection.write(
    [
      `POST ${apis[api].path} HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${gateway.key}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
  return connection;
}

const contentOf = (bytes) =>
  [...bytes.toString().matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]).join('');

describe('streams', () => {
  test('pieces leave while the provider still writes, and little is held back', async () => {
    const pieces = words.repeat(12).match(/.{1,5}/g);
    let begun;
    const writing = new Promise((resolve) => {
      begun = resolve;
    });
    provider.handler = async (request, reply) => {
      reply.stream();
      for (const piece of pieces) await reply.write(chatDelta({ content: piece }));
      begun(reply);
    };
    const connection = await openStream('chat');
    const reply = await writing;
    const sent = pieces.join('').length;
    await connection.receive((bytes) => contentOf(bytes).length >= sent - held_characters_max);
    await reply.write(chatStop() + done);
    reply.end();
    const whole = await connection.response();
    assert.equal(contentOf(whole.body), pieces.join(''));
    connection.close();
  });

  test('each paragraph leaves before the next one comes', async () => {
    const sizes = [];
    let connection;
    let opened;
    const open = new Promise((resolve) => {
      opened = resolve;
    });
    provider.handler = async (request, reply) => {
      await open;
      reply.stream();
      for (let round = 1; round <= 5; round += 1) {
        await reply.write(chatDelta({ content: words.repeat(6) }));
        const due = words.length * 6 * round - held_characters_max;
        await connection.receive((bytes) => contentOf(bytes).length >= due);
        sizes.push(contentOf(connection.received).length);
      }
      await reply.write(chatStop() + done);
      reply.end();
    };
    connection = await openStream('chat');
    opened();
    assert.ok((await connection.response()).complete);
    assert.equal(sizes.length, 5);
    connection.close();
  });

  for (const [api, ping] of [
    ['chat', /^:/m],
    ['responses', /^:/m],
    ['messages', /^event: ping$/m],
  ]) {
    test(`${api}: silence before the first piece is bridged by pings`, async () => {
      const speak = provider.answersWhenTold(async (request, reply) => {
        reply.stream();
        for (const event of apis[api].events) await reply.write(event);
        reply.end();
      });
      const connection = await openStream(api);
      await connection.receive((bytes) => ping.test(bytes.toString()));
      await speak();
      const whole = await connection.response();
      assert.equal(whole.status, 200);
      assert.ok(whole.complete);
      assert.ok(whole.body.includes('All is well.'));
      connection.close();
    });
  }

  const limited = { message: 'slow down for a while', type: 'rate_limit_error', code: 'too_fast' };
  for (const [what, answer] of [
    [
      'of the API',
      (reply) => reply.json(429, { type: 'error', error: limited }, { 'retry-after': '7' }),
    ],
    [
      'that counts in milliseconds',
      (reply) => reply.json(429, { type: 'error', error: limited }, { 'retry-after-ms': '1500' }),
    ],
    [
      'that cannot be read',
      (reply) => reply.bytes(429, { 'content-type': 'text/plain', 'retry-after': '7' }, 'slow'),
    ],
  ]) {
    for (const api of ['chat', 'completions', 'responses', 'messages']) {
      test(`${api}: an error ${what}, after pings have begun, is an error event`, async () => {
        const fail = provider.answersWhenTold((request, reply) => answer(reply));
        const connection = await openStream(api);
        await connection.receive((bytes) => /^(:|event: ping)/m.test(bytes.toString()));
        await fail();
        const whole = await connection.response();
        assert.ok(whole.complete);
        const events = parseEvents(whole.body).filter(({ data }) => data?.error);
        assert.equal(events.length, 1, whole.body.toString());
        const { error } = events[0].data;
        assert.equal(error.status, 429);
        const inMs = what === 'that counts in milliseconds';
        assert.equal(error.retry_after, inMs ? undefined : '7');
        assert.equal(error.retry_after_ms, inMs ? '1500' : undefined);
        assert.equal(error.type, 'rate_limit_error');
        if (what !== 'that cannot be read') assert.equal(error.code, 'too_fast');
        connection.close();
      });
    }
  }

  test('the SDKs raise a late error of the provider', async () => {
    provider.handler = async (request, reply) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 250);
      });
      reply.json(429, { type: 'error', error: limited }, { 'retry-after': '7' });
    };
    const stream = { stream: true };
    const opened = {
      chat: () => openai(gateway).chat.completions.create({ ...apis.chat.base, ...stream }),
      responses: () => openai(gateway).responses.create({ ...apis.responses.base, ...stream }),
      messages: () => anthropic(gateway).messages.create({ ...apis.messages.base, ...stream }),
    };
    for (const [api, open] of Object.entries(opened)) {
      await assert.rejects(
        async () => {
          for await (const event of await open()) assert.ok(event);
        },
        (error) => {
          assert.ok(JSON.stringify(error.error ?? error).includes('too_fast'), api);
          return true;
        },
      );
    }
  });

  test('a gateway in front of a gateway passes whole streams on', async () => {
    const outer = await Gateway.start({
      upstream: gateway.url,
      upstreamOptions: { credential: { env: 'INNER_KEY' } },
      env: { INNER_KEY: gateway.key },
    });
    try {
      for (const api of ['chat', 'completions', 'responses', 'messages']) {
        provider.handler = async (request, reply) => {
          reply.stream();
          for (const event of apis[api].events) await reply.write(event);
          reply.end();
        };
        const body = JSON.stringify({ ...apis[api].base, stream: true });
        const answer = await send(outer, apis[api].path, body);
        assert.equal(answer.status, 200, answer.body.toString());
        assert.ok(answer.complete);
        assert.doesNotMatch(answer.body.toString(), /"error":[{"]/);
        assert.ok(answer.body.toString().endsWith(apis[api].events.at(-1)));
      }
    } finally {
      await outer.stop();
    }
  });

  test('the SDKs pass over pings and scores', async () => {
    const slowly = (events) => async (request, reply) => {
      reply.stream();
      const seen = () =>
        new Promise((resolve) => {
          setTimeout(resolve, 250);
        });
      await reply.write(events[0]);
      await seen();
      for (const event of events.slice(1)) await reply.write(event);
      reply.end();
    };
    provider.handler = slowly(apis.chat.events);
    let text = '';
    for await (const chunk of await openai(gateway).chat.completions.create({
      ...apis.chat.base,
      stream: true,
    }))
      text += chunk.choices?.[0]?.delta.content ?? '';
    assert.equal(text, 'All is well.');
    provider.handler = slowly(apis.responses.events);
    const response = await openai(gateway).responses.stream(apis.responses.base).finalResponse();
    assert.equal(response.output[0].content[0].text, 'All is well.');
    provider.handler = slowly(apis.messages.events);
    const message = await anthropic(gateway).messages.stream(apis.messages.base).finalMessage();
    assert.equal(message.content[0].text, 'All is well.');
  });

  test('scores come at the end of a stream', async () => {
    provider.handler = async (request, reply) => {
      reply.stream();
      for (const event of apis.chat.events) await reply.write(event);
      reply.end();
    };
    const connection = await openStream('chat');
    const { body } = await connection.response();
    // Before the end, behind which no client reads.
    assert.match(body.toString(), /\n: menshen\.scores \{.*"bias".*\}\n\ndata: \[DONE\]\n\n$/);
    connection.close();
  });
});

describe('a client that goes away', () => {
  test('before the first piece: the provider is told', async () => {
    let aborted;
    provider.handler = (request, reply) => {
      aborted = reply.aborted;
    };
    const connection = await openStream('chat');
    await until('the provider has the request', () => aborted !== undefined);
    connection.close();
    assert.equal(await aborted, true);
  });

  test('in a stream: the provider is told', async () => {
    let aborted;
    provider.handler = (request, reply) => {
      aborted = reply.aborted;
      reply.stream();
      reply.write(chatDelta({ content: words.repeat(10) }));
    };
    const connection = await openStream('chat');
    await connection.receive((bytes) => bytes.includes('quarter'));
    connection.close();
    assert.equal(await aborted, true);
  });

  test('without a stream: the provider is told', async () => {
    let aborted;
    provider.handler = (request, reply) => {
      aborted = reply.aborted;
    };
    const body = JSON.stringify(apis.messages.base);
    const connection = await RawConnection.open(gateway.port);
    connection.write(
      [
        `POST ${apis.messages.path} HTTP/1.1`,
        'host: x',
        `x-api-key: ${gateway.key}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
    await until('the provider has the request', () => aborted !== undefined);
    connection.close();
    assert.equal(await aborted, true);
  });

  test("by the SDK's abort: the provider is told", async () => {
    let aborted;
    provider.handler = (request, reply) => {
      aborted = reply.aborted;
      reply.stream();
      reply.write(
        [
          named('message_start', { message: { ...apis.messages.reply, content: [] } }),
          named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
          named('content_block_delta', {
            index: 0,
            delta: { type: 'text_delta', text: words.repeat(10) },
          }),
        ].join(''),
      );
    };
    const stream = anthropic(gateway).messages.stream(apis.messages.base);
    stream.on('text', () => stream.abort());
    await assert.rejects(stream.finalMessage());
    assert.equal(await aborted, true);
  });

  test('and comes back: the gateway goes on', async () => {
    provider.handler = (request, reply) => reply.json(200, apis.chat.reply);
    const answer = await openai(gateway).chat.completions.create(apis.chat.base);
    assert.equal(answer.choices[0].message.content, 'All is well.');
  });
});

describe('a client that reads slowly', () => {
  // How much the buffers on the way take is the system's business; below the bound of a stream it
  // must be over.
  test('makes the provider wait, and misses nothing', async () => {
    const event = chatDelta({ content: words.repeat(20) });
    const events_max = (200 * 1024 * 1024) / event.length;
    let written = 0;
    let stopped = false;
    provider.handler = async (request, reply) => {
      reply.stream();
      for (; !stopped && written < events_max; written += 1) await reply.write(event);
      await reply.write(chatStop() + done);
      reply.end();
    };
    const connection = await openStream('chat');
    connection.socket.pause();
    let before = -1;
    await until('the provider is stopped by back-pressure', async () => {
      const stands = written === before;
      before = written;
      await new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
      return stands && written > 0;
    });
    assert.ok(written < events_max, `all ${written} events went somewhere`);
    stopped = true;
    connection.socket.resume();
    const ended = await connection.receive((bytes) =>
      bytes.includes('[DONE]', bytes.length - 5000),
    );
    assert.ok(ended);
    const { body } = await connection.response();
    assert.equal(contentOf(body).length, words.length * 20 * written);
    connection.close();
  });
});
