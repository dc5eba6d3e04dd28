// How long after the request a stream's first event arrives, and its first text.
import { connect } from 'node:net';

const body = JSON.stringify({
  model: 'demo-1',
  stream: true,
  messages: [{ role: 'user', content: 'Please tell me what was decided.' }],
});

const now = () => Number(process.hrtime.bigint()) / 1e6;

// Milliseconds from the request to the first event and to the first piece of content, for each
// stream on a warm connection.
export async function firstTokens({ port, headers }, samples) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => {
    socket.on('connect', resolve);
  });
  const fields = { host: 'x', 'content-type': 'application/json', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  const head = `POST /v1/chat/completions HTTP/1.1\r\n${lines.join('')}`;
  const request = `${head}content-length: ${length}\r\n\r\n${body}`;
  const delays = [];
  for (let i = 0; i < samples; i += 1) {
    delays.push(await oneStream(socket, request));
  }
  socket.destroy();
  return delays;
}

function oneStream(socket, request) {
  return new Promise((resolve, reject) => {
    let text = '';
    const first = { event: null, text: null };
    const began = now();
    const failed = () => reject(new Error(`the stream broke off: ${text.slice(0, 500)}`));
    socket.once('close', failed);
    const onData = (data) => {
      text += data.toString('latin1');
      if (text.includes('data: ')) first.event ??= now() - began;
      if (/"content":"[^"]/.test(text)) first.text ??= now() - began;
      // The last chunk, which is empty, ends the answer.
      if (!text.endsWith('\r\n0\r\n\r\n')) return;
      socket.off('data', onData);
      socket.off('close', failed);
      if (first.text === null) failed();
      else resolve(first);
    };
    socket.on('data', onData);
    socket.write(request);
  });
}
