// Child processes of the tests: started, watched, ended, and never left behind.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

const output_bytes_max = 64 * 1024;
const alive = new Set();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export class Process {
  // `log`: the descriptor of a file that gets its output instead of `output`.
  constructor(file, args, { env = {}, cwd, log } = {}) {
    this.output = '';
    this.child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
    });
    alive.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.output = (this.output + text).slice(-output_bytes_max);
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve({ code: -1, signal: null, error }));
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    }).then((status) => {
      alive.delete(this.child);
      this.status = status;
      return status;
    });
  }

  get pid() {
    return this.child.pid;
  }

  kill(signal) {
    this.child.kill(signal);
    return this.exited;
  }

  // Ends it in the ordinary way. A sanitizer's report makes the exit code differ from 0.
  async stop() {
    if (this.status === undefined) this.child.kill('SIGTERM');
    const { code, signal } = await this.exited;
    if (code !== 0) throw new Error(`it ended with ${signal ?? code}:\n${this.output}`);
  }
}

// Runs to the end and gives { code, stdout, stderr }.
export function run(file, args, { env = {}, cwd, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env } });
    alive.add(child);
    const parts = { stdout: '', stderr: '' };
    for (const name of Object.keys(parts)) {
      child[name].setEncoding('utf8').on('data', (text) => (parts[name] += text));
    }
    child.on('error', reject);
    child.on('close', (code) => {
      alive.delete(child);
      resolve({ code, ...parts });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

async function statusMegabytes(pid, field) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)[1]) / 1024;
}

export const residentMegabytes = (pid) => statusMegabytes(pid, 'VmRSS');
// The most that has been resident since the process began.
export const peakMegabytes = (pid) => statusMegabytes(pid, 'VmHWM');

// A server at this address, or null when something is there already.
function listen(address) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(null));
    server.listen(address, () => resolve(server));
  });
}

// A port where nothing listens, given to nobody else while this process lives: it lies below those
// that the kernel hands out, and a socket without a file (in the namespace that ports have too)
// stands for the claim.
export async function freePort() {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = randomInt(12_000, 32_000);
    const claim = await listen({ path: `\0menshen-test-port-${port}` });
    if (claim === null) continue;
    claim.unref();
    const server = await listen({ port, host: '127.0.0.1' });
    if (server === null) continue;
    await new Promise((resolve) => {
      server.close(resolve);
    });
    return port;
  }
  throw new Error('no port is free');
}

// Resolves with the first truthy value of `probe`, asked again and again; rejects after `seconds`.
export async function until(what, probe, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
