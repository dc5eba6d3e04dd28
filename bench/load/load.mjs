// Measures servers in interleaved rounds (A B C A B C ...), so that what else the machine does
// falls on all of them alike. bench/load/run calls it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countedCalls } from '../../tests/support/counted_calls.mjs';
import { here, work } from './files.mjs';
import { aboutMachine, aboutVersions } from './machine.mjs';
import { measure } from './measure.mjs';
import { installLiteLlm } from './peers.mjs';
import { canaries, writeBodies } from './prompts.mjs';
import { writeReport } from './report.mjs';
import { median } from './statistics.mjs';
import { withServers } from './servers.mjs';
import { firstTokens } from './streams.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string' },
    rates: { type: 'string' },
    sizes: { type: 'string' },
    streams: { type: 'string' },
    'no-portkey': { type: 'boolean', default: false },
    'no-litellm': { type: 'boolean', default: false },
    beside: { type: 'string' },
    output: { type: 'string', default: join(here, '../RESULTS.md') },
  },
});
const quick = {
  rounds: '1',
  seconds: '2',
  connections: '16,64',
  rates: 'half,8000',
  sizes: '',
  streams: '10',
};
const whole = {
  rounds: '5',
  seconds: '5',
  connections: '1,16,64',
  rates: '2000,half,8000',
  sizes: '1024,10240,102400,1048576',
  streams: '40',
};
const options = { ...(given.quick ? quick : whole), ...given };
const list = (text) => text.split(',').filter(Boolean);
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const { beside } = options;
const chatBytes = 1024;
const sizesConnections = 16;
const openConnections = 16;

// Names of the servers of a part.
function chosen({ peers = false, policies = true } = {}) {
  if (options.quick) return ['core', 'nginx', 'menshen', ...(beside ? ['beside'] : [])];
  return [
    ...['core', 'nginx', 'menshen'],
    ...(policies ? ['scores', 'bare'] : []),
    ...(beside ? ['beside'] : []),
    ...(peers && !options['no-portkey'] ? ['portkey'] : []),
    ...(peers && !options['no-litellm'] ? ['litellm', 'litellm filter'] : []),
  ];
}

const fixedReply = (bytes) => ['--fixed-reply-bytes', String(bytes)];
const coreArguments = [
  ...fixedReply(chatBytes),
  ...canaries.flatMap((canary) => ['--canary', canary]),
];

// Each load on its server, a round at a time. Gives a row for each, with its `runs`.
async function interleave(core, part, loads) {
  const rows = loads.map(({ server, ...load }) => {
    return { part, server: server.name, ...load, runs: [] };
  });
  for (let round = 1; round <= rounds; round += 1) {
    for (const [i, { server, ...load }] of loads.entries()) {
      // The times at which requests are due differ by round, not by server.
      const one = await measure(core, server, { ...load, seconds, seed: round });
      rows[i].runs.push(one);
      const asked = load.rate ? `${load.rate}/s` : `${load.connections} connections`;
      const { p50, p99 } = one.latency_us;
      const what = `${asked}, ${load.prompt}, ${load.bytes} bytes, ${server.name}`;
      console.log(`round ${round}, ${what}: ${one.rate}/s, p50 ${p50}, p99 ${p99} us`);
    }
  }
  return rows;
}

async function load(prompt, bytes, more) {
  return { prompt, bytes, bodies: await writeBodies(work, prompt, bytes), ...more };
}

async function warm(core, servers) {
  const one = await load('clean', chatBytes, { connections: 16, seconds: 1 });
  for (const server of servers) await measure(core, server, one);
}

async function closedAndOpen(servers, core) {
  await warm(core, servers);
  const rows = [];
  const guarding = servers.filter((server) => server.guards || server.name === 'nginx');
  for (const connections of list(options.connections).map(Number)) {
    const clean = await load('clean', chatBytes, { connections });
    const values = await load('values', chatBytes, { connections });
    const loads = [
      ...servers.map((server) => ({ server, ...clean })),
      ...guarding.map((server) => ({ server, ...values })),
    ];
    rows.push(...(await interleave(core, 'closed', loads)));
  }
  const reached = rows.filter((row) => row.server === 'menshen' && row.prompt === 'clean');
  const half = Math.max(...reached.map((row) => median(row.runs.map((one) => one.rate)))) / 2;
  // A server that cannot take this load would only show its queue.
  const able = servers.filter((server) => /^(core|nginx|menshen.*)$/.test(server.name));
  for (const name of list(options.rates)) {
    const rate = name === 'half' ? Math.round(half) : Number(name);
    const open = await load('clean', chatBytes, { connections: openConnections, rate });
    const loads = able.map((server) => ({ server, ...open }));
    rows.push(...(await interleave(core, 'open', loads)));
  }
  return { rows, half: Math.round(half) };
}

async function sizes(bytes) {
  const names = chosen().filter((name) => name !== 'scores');
  return withServers(names, fixedReply(bytes), options, async (servers, core) => {
    const one = await load('clean', bytes, { connections: sizesConnections });
    return interleave(
      core,
      'sizes',
      servers.map((server) => ({ server, ...one })),
    );
  });
}

async function allocated(name) {
  const { env, read } = await countedCalls(work);
  return withServers([name], coreArguments, { env }, async ([server], core) => {
    await warm(core, [server]);
    const rows = [];
    for (const prompt of ['clean', 'values']) {
      const before = await read();
      const one = await load(prompt, chatBytes, { connections: openConnections, seconds: 1 });
      const { answered } = await measure(core, server, one);
      const after = await read();
      const each = (key) => (after[key] - before[key]) / answered;
      const found = { calls: each('allocations'), bytes: each('allocatedBytes') };
      rows.push({ part: 'allocations', server: server.name, prompt, ...found });
    }
    return rows;
  });
}

async function streams(servers) {
  const rows = servers.map(({ name }) => ({ part: 'streams', server: name, delays: [] }));
  for (const server of servers) await firstTokens(server, 5);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, server] of servers.entries()) {
      rows[i].delays.push(...(await firstTokens(server, Number(options.streams))));
    }
  }
  return rows;
}

// The parts in turn; `save` after each, so that what ends a later one costs no figures.
async function everything(results, save) {
  const names = chosen({ peers: true });
  Object.assign(results, await withServers(names, coreArguments, options, closedAndOpen));
  await save();
  for (const bytes of list(options.sizes).map(Number)) results.rows.push(...(await sizes(bytes)));
  for (const name of chosen()) {
    if (['menshen', 'scores', 'bare'].includes(name))
      results.rows.push(...(await allocated(name)));
  }
  await save();
  const streaming = chosen({ peers: true, policies: false }).filter((n) => !/^litellm/.test(n));
  const paced = { ...options, buffering: 'off' };
  const delays = await withServers(streaming, ['--piece-delay-ms', '5'], paced, streams);
  results.rows.push(...delays);
  await save();
}

await mkdir(work, { recursive: true });
if (!options['no-litellm'] && !options.quick) options['no-litellm'] = !(await installLiteLlm());
const results = {
  date: new Date().toISOString().slice(0, 10),
  command: ['bench/load/run', ...process.argv.slice(2)].join(' '),
  rounds,
  seconds,
  machine: await aboutMachine(work),
  versions: await aboutVersions(chosen({ peers: true }), beside),
};
const file = join(work, 'results.json');
await everything(results, () => writeFile(file, JSON.stringify(results, null, 1)));
await writeReport(options.output, results);
console.log(`written: ${options.output}, ${file}`);
