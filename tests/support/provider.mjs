// A provider that a test programs: it keeps what reached it and answers, well or badly, as told.
//
//   const provider = await Provider.start();           // or with options of TLS
//   provider.handler = (request, reply) => reply.json(200, { ... });
//   provider.requests.at(-1).body        // a Buffer
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

class Reply {
  constructor(response) {
    this.response = response;
    this.socket = response.socket;
    // Resolves with true when the peer went away before the answer was complete.
    this.aborted = new Promise((resolve) => {
      response.on('close', () => resolve(!response.writableFinished));
    });
  }

  json(status, value, headers = {}) {
    this.bytes(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
  }

  bytes(status, headers, body) {
    const content = Buffer.from(body);
    this.response.writeHead(status, { ...headers, 'content-length': content.length });
    this.response.end(content);
  }

  // Begins a stream; write() resolves when the bytes are with the system.
  stream(headers = {}) {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    this.response.flushHeaders();
  }

  write(bytes) {
    return new Promise((resolve) => {
      this.response.write(bytes, resolve);
    });
  }

  // With the last bytes, if there are some, in the same write.
  end(bytes) {
    this.response.end(bytes);
  }

  // Bytes on the connection itself, whatever they are.
  raw(bytes) {
    if (!this.detached) this.response.detachSocket(this.socket);
    this.detached = true;
    return new Promise((resolve) => {
      this.socket.write(bytes, resolve);
    });
  }

  close() {
    this.socket.end();
  }

  reset() {
    this.socket.resetAndDestroy();
  }
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

export class Provider {
  requests = [];
  handler = (request, reply) => reply.json(404, { error: { message: 'no handler' } });

  static async start(tls) {
    const provider = new Provider();
    const create = tls ? createTlsServer : createServer;
    const options = { keepAliveTimeout: 120_000, ...tls };
    provider.server = create(options, async (incoming, response) => {
      const reply = new Reply(response);
      const body = await read(incoming).catch(() => null);
      if (body === null) return;
      const { method, url: path, headers, rawHeaders } = incoming;
      const request = { method, path, headers, rawHeaders, body };
      provider.requests.push(request);
      await provider.handler(request, reply);
    });
    provider.server.unref();
    provider.server.on('connection', (socket) => socket.on('error', () => {}));
    await new Promise((resolve) => {
      provider.server.listen(0, '127.0.0.1', resolve);
    });
    provider.port = provider.server.address().port;
    provider.url = `${tls ? 'https' : 'http'}://127.0.0.1:${provider.port}`;
    return provider;
  }

  // Answers the next request with `handler`, but not before the function is called that this gives.
  // What a client sees says nothing of when the provider is asked: that function waits for it.
  answersWhenTold(handler) {
    const asked = new Promise((resolve) => {
      this.handler = (request, reply) => resolve([request, reply]);
    });
    return async () => handler(...(await asked));
  }

  stop() {
    const closed = new Promise((resolve) => {
      this.server.close(resolve);
    });
    this.server.closeAllConnections();
    return closed;
  }
}
