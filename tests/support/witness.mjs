// A witness of its own (`menshen witness`), and a small log for it.
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { menshen } from './gateway.mjs';
import { leafHash, sha256, treeRoot } from './log.mjs';
import { Process, freePort, run, until } from './process.mjs';

export class Witness {
  // `logs`: files of verifier keys; `options`: more of the command line.
  static async start({ logs, name = 'witness.example/w1', options = [], tls = false }) {
    const witness = new Witness();
    witness.folder = await mkdtemp(join(tmpdir(), 'menshen-witness-'));
    witness.store = join(witness.folder, 'var');
    witness.port = await freePort();
    witness.url = `${tls ? 'https' : 'http'}://127.0.0.1:${witness.port}`;
    const made = await run(menshen, ['witness', 'key', '--store', witness.store, '--name', name]);
    if (made.code !== 0) throw new Error(`witness key: ${made.stderr}`);
    witness.vkey = made.stdout.trim();
    const listen = ['--listen', `127.0.0.1:${witness.port}`];
    const known = logs.flatMap((file) => ['--log', file]);
    witness.args = ['--store', witness.store, ...listen, ...known, ...options];
    await witness.serve();
    return witness;
  }

  async serve() {
    this.process = new Process(menshen, ['witness', 'serve', ...this.args]);
    await until('the witness listens', () => {
      if (this.process.status) throw new Error(`the witness ended:\n${this.process.output}`);
      return this.process.output.includes('witness_listening');
    });
  }

  async add(body, method = 'POST', path = '/add-checkpoint') {
    const sent = method === 'POST' ? { method, body } : { method };
    const answer = await fetch(`${this.url}${path}`, sent);
    const type = answer.headers.get('content-type');
    return { status: answer.status, type, text: await answer.text() };
  }

  async stop() {
    await this.process.stop();
    await rm(this.folder, { recursive: true });
  }
}

const split = (count) => 2 ** Math.floor(Math.log2(count - 1));

// RFC 9162 section 2.1.4.1.
function subproof(older, leaves, whole) {
  if (older === leaves.length) return whole ? [] : [treeRoot(leaves)];
  const at = split(leaves.length);
  const [left, right] = [leaves.slice(0, at), leaves.slice(at)];
  return older <= at
    ? [...subproof(older, left, whole), treeRoot(right)]
    : [...subproof(older - at, right, false), treeRoot(left)];
}

// A log of `count` records, whose key is made from `seed`, a text.
export class SmallLog {
  constructor(name, count, seed = name, salt = '') {
    this.name = name;
    this.leaves = Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`${salt}${i}`)));
    const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
    const der = Buffer.concat([pkcs8, sha256(seed)]);
    this.key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const { x } = this.key.export({ format: 'jwk' });
    const typed = Buffer.concat([Buffer.from([1]), Buffer.from(x, 'base64url')]);
    this.id = sha256(`${name}\n`, typed).subarray(0, 4);
    this.vkey = `${name}+${this.id.toString('hex')}+${typed.toString('base64')}`;
  }

  async writeKey(folder) {
    const file = join(folder, `${this.id.toString('hex')}.vkey`);
    await writeFile(file, `${this.vkey}\n`);
    return file;
  }

  note(size) {
    const root = treeRoot(this.leaves.slice(0, size)).toString('base64');
    const text = `${this.name}\n${size}\n${root}\n`;
    const signature = Buffer.concat([this.id, sign(null, Buffer.from(text), this.key)]);
    return `${text}\n\u2014 ${this.name} ${signature.toString('base64')}\n`;
  }

  // The body of add-checkpoint.
  submission(older, size) {
    const proof = older === 0 ? [] : subproof(older, this.leaves.slice(0, size), true);
    const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
    return `old ${older}\n${lines}\n${this.note(size)}`;
  }
}

