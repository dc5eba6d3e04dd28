// A client that says exactly the bytes it is given and keeps exactly the bytes it gets.
import { connect } from 'node:net';

const patience_ms = 90_000;

// The body inside chunked framing; null while it is incomplete.
function unchunk(bytes) {
  const parts = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const begin = lineEnd + 2;
    if (size === 0) return bytes.length >= begin + 2 ? Buffer.concat(parts) : null;
    if (bytes.length < begin + size + 2) return null;
    parts.push(bytes.subarray(begin, begin + size));
    at = begin + size + 2;
  }
}

function parseHead(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [statusLine, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(statusLine.split(' ')[1]), headers, bodyAt: end + 4 };
}

// { status, headers, body, complete }: `body` is what has come so far, without framing.
function parseResponse(bytes) {
  const head = parseHead(bytes);
  if (!head) return null;
  if (head.status === 100) return parseResponse(bytes.subarray(head.bodyAt));
  const rest = bytes.subarray(head.bodyAt);
  const { status, headers } = head;
  if (headers['transfer-encoding'] === 'chunked') {
    const body = unchunk(rest);
    return { status, headers, body: body ?? rest, complete: body !== null };
  }
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length)) return { status, headers, body: rest, complete: false };
  return { status, headers, body: rest.subarray(0, length), complete: rest.length >= length };
}

export class RawConnection {
  received = Buffer.alloc(0);
  closed = false;
  #waiting = new Set();

  #wake() {
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }

  static async open(port) {
    const connection = new RawConnection();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    connection.socket = socket;
    connection.ended = new Promise((resolve) => {
      socket.on('close', () => {
        connection.closed = true;
        connection.#wake();
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (data) => {
      connection.received = Buffer.concat([connection.received, data]);
      connection.#wake();
    });
    await new Promise((resolve) => {
      socket.on('connect', resolve);
      socket.on('close', resolve);
    });
    return connection;
  }

  write(bytes) {
    return new Promise((resolve) => {
      this.socket.write(bytes, resolve);
    });
  }

  // Waits until `test(bytes received)` is truthy and gives that value; null when the peer closed.
  async receive(test) {
    const deadline = setTimeout(() => this.#giveUp(), patience_ms);
    try {
      for (;;) {
        const value = test(this.received);
        if (value) return value;
        if (this.closed) return null;
        await new Promise((resolve, reject) => {
          this.#waiting.add({ resolve, reject });
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  #giveUp() {
    const soFar = this.received.toString().slice(-500);
    const error = new Error(`not within ${patience_ms} ms; so far: ${soFar}`);
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  // The whole next answer, or what came of it before the peer closed (complete: false).
  async response() {
    const whole = await this.receive((bytes) => {
      const parsed = parseResponse(bytes);
      return parsed?.complete ? parsed : null;
    });
    return whole ?? parseResponse(this.received);
  }

  close() {
    this.socket.destroy();
  }
}

// One request with a body, on a connection of its own.
export async function send(gateway, path, body, headers = {}) {
  const content = Buffer.from(body);
  const fields = {
    host: `127.0.0.1:${gateway.port}`,
    authorization: `Bearer ${gateway.key}`,
    'content-type': 'application/json',
    'content-length': content.length,
    ...headers,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== undefined);
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return exchange(
    gateway,
    Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'), content]),
  );
}

// Raw bytes out, the answer back.
export async function exchange(gateway, bytes) {
  const connection = await RawConnection.open(gateway.port);
  try {
    connection.write(bytes);
    return await connection.response();
  } finally {
    connection.close();
  }
}
