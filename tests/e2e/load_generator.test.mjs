// What bench/load measures with must say what was: against the demo core's own counts, and servers
// that stall, break off or let a value through.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DemoCore, demoCore } from '../support/gateway.mjs';
import { run } from '../support/process.mjs';

const generator = join(dirname(demoCore), 'bin/load_generator');
const canary = 'zhang.wei@example.org';
const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const bodies = ['demo-1', 'demo-values'].map((model) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: `Write to ${canary}.` }] }),
);

describe('the load generator', () => {
  let folder;
  const opened = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-load-'));
    await writeFile(join(folder, 'bodies'), `${bodies.join('\n')}\n`);
  });
  after(async () => {
    for (const server of opened) server.close();
    await rm(folder, { recursive: true });
  });

  async function generate(port, ...options) {
    const url = `http://127.0.0.1:${port}/v1/chat/completions`;
    const fixed = ['--url', url, '--bodies', join(folder, 'bodies')];
    const { code, stdout, stderr } = await run(generator, [...fixed, ...options]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  // `serve(socket, number)` for each request; its number counts from 0.
  async function serving(serve) {
    let requests = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => serve(socket, requests++));
    });
    opened.push(server);
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return server.address().port;
  }

  for (const [loop, options] of [
    ['a closed loop', ['--connections', '4']],
    ['an open loop', ['--rate', '500']],
  ]) {
    test(`${loop} counts what the core saw`, async () => {
      const core = await DemoCore.start(['--fixed-reply-bytes', '200', '--canary', canary]);
      const said = await generate(core.port, '--seconds', '0.5', '--canary', canary, ...options);
      const { requests, values, leaked } = await (await fetch(`${core.url}/demo/counts`)).json();
      await core.stop();
      assert.ok(said.due > 100, `${said.due}`);
      assert.deepEqual(
        { due: said.due, answered: said.answered, statuses: said.statuses, errors: said.errors },
        { due: requests, answered: requests, statuses: { 200: requests }, errors: {} },
      );
      // Every other request names the model for which the core looks, and answers, with the canary.
      assert.deepEqual([values, leaked], [Math.floor(requests / 2), Math.floor(requests / 2)]);
      assert.equal(said.canaries, values);
    });
  }

  test('an open loop goes on while the server stalls, and says who waited', async () => {
    const stall_ms = 1000;
    let stalled;
    const port = await serving((socket, number) => {
      if (number === 100) stalled = new Promise((resolve) => setTimeout(resolve, stall_ms));
      (stalled ?? Promise.resolve()).then(() => socket.write(whole));
    });
    const load = ['--rate', '200', '--seconds', '2', '--connections-max', '50'];
    const said = await generate(port, ...load);
    // Of some 400 requests about 200 were due in the stall, 50 of them found a connection.
    assert.equal(said.answered, said.due);
    assert.equal(said.connections, 50);
    assert.ok(said.waited > 75, `${said.waited}`);
    assert.ok(said.latency_us.p99 > 0.8e6, `${said.latency_us.p99}`);
  });

  test('what is never answered is counted, and its latency is until the end', async () => {
    const port = await serving(() => {});
    const load = ['--rate', '50', '--seconds', '0.5', '--drain-seconds', '0.5'];
    const said = await generate(port, '--connections-max', '2', ...load);
    assert.deepEqual([said.answered, said.unanswered], [0, said.due]);
    assert.equal(said.waited, said.due - 2);
    assert.ok(said.latency_us.p50 > 0.5e6, `${said.latency_us.p50}`);
  });

  for (const [what, wire, error] of [
    ['is cut short', whole.slice(0, -1), 'cut short'],
    [
      'lacks its last chunk',
      whole.replace(/content.*/s, 'transfer-encoding: chunked\r\n\r\n2\r\nok\r\n'),
      'cut short',
    ],
    ['never begins', '', 'no answer'],
    ['has no length', whole.replace(/content-length: 2\r\n/, ''), 'it says no length'],
    ['is followed by more', `${whole}ok`, 'more than an answer'],
  ]) {
    test(`an answer that ${what} is an error`, async () => {
      const port = await serving((socket) => socket.end(wire));
      const said = await generate(port, '--seconds', '0.2');
      assert.equal(said.answered, 0);
      assert.deepEqual(said.errors, { [error]: said.due });
    });
  }

  test('an answer of another status is counted by it', async () => {
    const port = await serving((socket) => socket.write(whole.replace('200', '503')));
    const said = await generate(port, '--seconds', '0.2');
    assert.deepEqual(said.statuses, { 503: said.due });
  });

  test('a canary is seen where chunks cut it', async () => {
    const [start, rest] = ['zhang.wei@exa', 'mple.org'];
    const piece = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const wire = `${head}${piece(start)}${piece(rest)}0\r\n\r\n`;
    const port = await serving((socket) => socket.write(wire));
    const said = await generate(port, '--seconds', '0.2', '--canary', canary);
    assert.equal(said.canaries, said.answered);
    assert.ok(said.answered > 0);
  });

  test('it says why it cannot begin', async () => {
    const server = createServer();
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const file = ['--bodies', join(folder, 'bodies')];
    for (const [options, why] of [
      [['--url', `http://127.0.0.1:${port}/`, ...file], /connect: Connection refused/],
      [['--url', 'https://127.0.0.1/', ...file], /the URL must be/],
      [['--url', 'http://127.0.0.1:1/', '--bodies', '/nowhere'], /no body in/],
      [['--url', 'http://127.0.0.1:1/', '--rate', 'x', ...file], /no number: x/],
    ]) {
      const { code, stderr } = await run(generator, options);
      assert.equal(code, 1);
      assert.match(stderr, why);
    }
  });
});
