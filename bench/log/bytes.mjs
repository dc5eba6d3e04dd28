// See bench/log/bytes.
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Gateway, demoCore } from '../../tests/support/gateway.mjs';
import { readLog } from '../../tests/support/log.mjs';
import { Process, until } from '../../tests/support/process.mjs';

const { values } = parseArgs({ options: { exchanges: { type: 'string', default: '512' } } });
const count = Number(values.exchanges);
const bodyBytes = 1024;
const segment = /^segment\.\d$/;

// A chat of 1 KB in which `findings` stands.
function chat(findings) {
  const words = 'The quarterly figures are attached; please sum up what has changed since then. ';
  const make = (content) =>
    JSON.stringify({ model: 'demo-1', messages: [{ role: 'user', content }] });
  const room = bodyBytes - Buffer.byteLength(make(findings));
  return make(findings + words.repeat(20).slice(0, room));
}

const kinds = {
  'one finding': () => chat('Write to li.lei@corp.example. '),
  'two findings': () => chat('Write to li.lei@corp.example or call 13812345678. '),
  'no finding': () => chat(''),
};

// Bytes of files below the folder, by what they are; segments are written over.
async function sizes(folder) {
  const out = { heads: 0, bundles: 0, tiles: 0, index: 0, other: 0 };
  for (const name of await readdir(folder, { recursive: true })) {
    const { size, isFile } = await stat(join(folder, name)).then((s) => ({
      size: s.size,
      isFile: s.isFile(),
    }));
    if (!isFile || segment.test(name) || /\.p\//.test(name)) continue;
    const kind = Object.entries({
      heads: /^heads$/,
      bundles: /^log\/tile\/entries/,
      tiles: /^log\/tile\/\d/,
      index: /^index\.db/,
    }).find(([, pattern]) => pattern.test(name))?.[0];
    out[kind ?? 'other'] += size;
  }
  return out;
}

async function measure(what, body) {
  const folder = await mkdtemp(join(tmpdir(), 'menshen-bytes-'));
  const portFile = join(folder, 'port');
  const core = new Process(demoCore, ['--port', '0', '--port-file', portFile], { cwd: folder });
  const port = await until('the demo core listens', () =>
    readFile(portFile, 'utf8').then((text) => text.trim(), () => null),
  );
  const gateway = await Gateway.start({
    upstream: `http://127.0.0.1:${port}`,
    policy: await readFile(new URL('../../deploy/templates/policy.yaml', import.meta.url), 'utf8'),
  });
  const store = join(gateway.folder, 'var');
  const ask = async () => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body,
    });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  const settled = () =>
    until('all is indexed', async () => {
      const state = await gateway.commandJson('audit', 'index').catch(() => null);
      return state !== null && state.indexed > 0 && state.indexed === state.log_records;
    });
  await ask();
  const { bodies } = await readLog(store);
  for (let i = 0; i < count; i += 8) await Promise.all(Array.from({ length: 8 }, ask));
  await settled();
  await gateway.process.stop();
  const found = await sizes(store);
  const all = (await readLog(store)).bodies.map((record) => ({
    bytes: record.length + 2,
    ...JSON.parse(record),
  }));
  const mean = (type) => {
    const own = all.slice(bodies.length).filter((record) => record.type === type);
    return own.reduce((sum, { bytes }) => sum + bytes, 0) / own.length;
  };
  const records = { intent: mean('intent'), outcome: mean('outcome') };
  const hashes = 2 * 32 * (1 + 1 / 256);
  const rest = { index: found.index / count, heads: found.heads / count };
  const total = records.intent + records.outcome + hashes + rest.index;
  console.log(
    `${what}: ${total.toFixed(0)} bytes an exchange: intent ${records.intent.toFixed(0)}, ` +
      `outcome ${records.outcome.toFixed(0)}, hashes ${hashes.toFixed(1)}, ` +
      `index ${rest.index.toFixed(1)}; heads ${rest.heads.toFixed(1)} at this pace; ` +
      `the folder without segments: ${JSON.stringify(found)}`,
  );
  if (values.show !== undefined || process.env.SHOW) {
    const last = all.filter(({ type }) => type === 'outcome').at(-1);
    const first = all.find(({ type, exchange }) => type === 'intent' && exchange === last.exchange);
    console.log(JSON.stringify(first), '\n', JSON.stringify(last));
  }
  await core.stop();
  await rm(gateway.folder, { recursive: true });
  await rm(folder, { recursive: true });
}

for (const [what, body] of Object.entries(kinds)) await measure(what, body());
