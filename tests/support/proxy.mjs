// An HTTP proxy that gives tunnels (CONNECT), to this machine whatever the name, so that only it
// knows the names; with a credential, to those who show it.
//
//   const proxy = await Proxy.start({ credential: 'user:password' });
//   proxy.tunnels       // [{ target, authorization }], of every request for one
import { createServer } from 'node:http';
import { connect } from 'node:net';

export class Proxy {
  tunnels = [];

  static async start({ credential } = {}) {
    const proxy = new Proxy();
    const wanted = credential && `Basic ${Buffer.from(credential).toString('base64')}`;
    proxy.server = createServer((request, response) => {
      response.writeHead(400);
      response.end('only tunnels');
    });
    proxy.server.on('connect', (request, socket) => {
      const authorization = request.headers['proxy-authorization'];
      proxy.tunnels.push({ target: request.url, authorization });
      socket.on('error', () => {});
      if (wanted && authorization !== wanted) {
        socket.end(
          `HTTP/1.1 407 No\r\nx-shown: ${authorization}\r\ncontent-length: 2\r\n\r\nno`,
        );
        return;
      }
      const port = Number(request.url.split(':').at(-1));
      const onward = connect({ port, host: '127.0.0.1' }, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket);
        socket.pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
    proxy.server.unref();
    await new Promise((resolve) => {
      proxy.server.listen(0, '127.0.0.1', resolve);
    });
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  stop() {
    const closed = new Promise((resolve) => {
      this.server.close(resolve);
    });
    this.server.closeAllConnections();
    return closed;
  }
}
