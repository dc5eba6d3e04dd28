// A client that ends its side of the connection behind its request is answered; one that has left
// altogether costs the provider no more work. HEAD is answered as GET is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatDelta, chatStop, done } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { RawConnection, exchange } from '../support/raw.mjs';

let provider;
let gateway;
before(async () => {
  provider = await Provider.start();
  gateway = await Gateway.start({ upstream: provider.url });
});
after(async () => {
  await gateway.stop();
  await provider.stop();
});

const post = (more = {}, version = '1.1') => {
  const body = JSON.stringify({ ...apis.chat.base, ...more });
  const fields = [
    `POST ${apis.chat.path} HTTP/${version}`,
    'host: x',
    `authorization: Bearer ${gateway.key}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  return [...fields, '', body].join('\r\n');
};

// The request, and no more.
async function askAndEnd(text) {
  const connection = await RawConnection.open(gateway.port);
  connection.socket.end(text);
  return connection;
}

describe('a client that ends its side of the connection', () => {
  for (const version of ['1.0', '1.1']) {
    test(`is answered with HTTP/${version}`, async () => {
      provider.handler = (request, reply) => reply.json(200, apis.chat.reply);
      const connection = await askAndEnd(post({}, version));
      const answer = await connection.response();
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.body), apis.chat.reply);
      assert.equal(answer.headers.connection, 'close');
      await connection.ended;
    });
  }

  test('is answered when the provider takes its time', async () => {
    const speak = provider.answersWhenTold((request, reply) => reply.json(200, apis.chat.reply));
    const connection = await askAndEnd(post());
    const interim = await connection.receive((bytes) => bytes.length > 0 && bytes.toString());
    assert.equal(interim, 'HTTP/1.1 100 Continue\r\n\r\n');
    await speak();
    assert.equal((await connection.response()).status, 200);
  });

  test('has its stream to the end', async () => {
    let goOn;
    const told = new Promise((resolve) => {
      goOn = resolve;
    });
    provider.handler = async (request, reply) => {
      reply.stream();
      await reply.write(chatDelta({ content: 'first words.\n' }));
      await told;
      await reply.write([chatDelta({ content: 'last words' }), chatStop(), done].join(''));
      reply.end();
    };
    const connection = await askAndEnd(post({ stream: true }));
    await connection.receive((bytes) => bytes.includes('first'));
    goOn();
    const answer = await connection.response();
    assert.ok(answer.complete);
    assert.match(answer.body.toString(), /last words[^]*\[DONE\]/);
  });
});

describe('a client that leaves', () => {
  for (const stream of [false, true]) {
    test(`ends the provider's work on ${stream ? 'a stream' : 'an answer'}`, async () => {
      let asked;
      const asking = new Promise((resolve) => {
        asked = resolve;
      });
      provider.handler = async (request, reply) => {
        if (stream) {
          reply.stream();
          await reply.write(chatDelta({ content: 'first words.\n' }));
        }
        asked(reply);
      };
      const connection = await RawConnection.open(gateway.port);
      connection.write(post({ stream }));
      const reply = await asking;
      if (stream) await connection.receive((bytes) => bytes.includes('first'));
      connection.close();
      assert.equal(await reply.aborted, true);
    });
  }
});

describe('HEAD', () => {
  const ask = (method, path) =>
    exchange(
      gateway,
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\n` +
        'connection: close\r\n\r\n',
    );
  for (const path of ['/v1/models', '/api/tags', '/v1/models/nobody', '/v1/nothing']) {
    test(`${path} is answered as with GET, without the body`, async () => {
      provider.handler = (request, reply) =>
        reply.json(200, { object: 'list', data: [{ id: 'm' }], models: [{ name: 'm' }] });
      const whole = await ask('GET', path);
      const head = await ask('HEAD', path);
      assert.equal(head.status, whole.status);
      assert.equal(head.headers['content-type'], whole.headers['content-type']);
      assert.equal(head.headers['content-length'], String(whole.body.length));
      assert.equal(head.body.length, 0);
    });
  }

  test('of what takes POST alone is a 405', async () => {
    const { status, headers } = await ask('HEAD', apis.chat.path);
    assert.deepEqual([status, headers.allow], [405, 'POST']);
    assert.equal((await ask('POST', '/v1/models')).headers.allow, 'GET, HEAD');
  });
});
