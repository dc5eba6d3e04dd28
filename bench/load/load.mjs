// Measures servers in interleaved rounds (A B C A B C ...), so that what else the machine does
// falls on all of them alike. bench/load/run calls it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DemoCore, menshen } from '../../tests/support/gateway.mjs';
import { run } from '../../tests/support/process.mjs';
import { median, writeReport } from './report.mjs';
import { startServers, stopServers, usage, work } from './servers.mjs';
import { firstTokens } from './streams.mjs';

const here = new URL('.', import.meta.url).pathname;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '1,16,64' },
    streams: { type: 'string', default: '40' },
    'no-portkey': { type: 'boolean', default: false },
    beside: { type: 'string' },
    output: { type: 'string', default: join(here, '../RESULTS.md') },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const latencyConnections = 16;

async function wrk(server, connections, rate) {
  const headers = Object.entries(server.headers).map(([name, value]) => `${name}=${value}`);
  const before = server.process && (await usage(server.process.pid));
  const url = `http://127.0.0.1:${server.port}/v1/chat/completions`;
  const { code, stdout, stderr } = await run(
    'wrk',
    ['-t1', `-c${connections}`, `-d${seconds}`, '-s', join(here, 'chat.lua'), url],
    {
      env: {
        BENCH_HEADERS: headers.join('\n'),
        BENCH_RATE: rate ? String(rate) : '',
        BENCH_CONNECTIONS: String(connections),
      },
    },
  );
  const found = /^BENCH (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(stdout);
  if (code !== 0 || !found) throw new Error(`wrk: ${stdout}${stderr}`);
  const [requests, duration, p50, p99, errors] = found.slice(1).map(Number);
  const result = { rate: (requests * 1e6) / duration, p50, p99, errors };
  if (before) {
    const after = await usage(server.process.pid);
    result.cpu = ((after.cpuSeconds - before.cpuSeconds) * 1000) / requests;
    result.resident = after.residentMegabytes;
  }
  return result;
}

function add(list, name, connections, one) {
  let entry = list.find((e) => e.name === name && e.connections === connections);
  if (!entry) {
    entry = { name, connections, rates: [], p50: [], p99: [], cpu: [], errors: 0 };
    list.push(entry);
  }
  entry.rates.push(one.rate);
  entry.p50.push(one.p50);
  entry.p99.push(one.p99);
  entry.errors += one.errors;
  if (one.cpu === undefined) delete entry.cpu;
  else entry.cpu.push(one.cpu);
  if (one.resident) entry.resident = one.resident;
}

async function measure(servers, connections, rate) {
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      const one = await wrk(server, connections, rate);
      add(results, server.name, connections, one);
      const figures = `${one.rate.toFixed(0)}/s, p50 ${one.p50} us, p99 ${one.p99} us`;
      console.log(`round ${round + 1}, ${connections} connections, ${server.name}: ${figures}`);
    }
  }
  return results;
}

async function measureLoad(withPortkey, beside) {
  const core = await DemoCore.start(['--fixed-reply-bytes', '1000'], { record: false });
  const servers = await startServers(core.port, { withPortkey, beside });
  for (const server of servers) await wrk(server, latencyConnections);
  const throughput = [];
  for (const connections of options.connections.split(',').map(Number)) {
    throughput.push(...(await measure(servers, connections)));
  }
  const busiest = throughput
    .filter((one) => one.name === 'menshen')
    .map((one) => median(one.rates));
  const halfRate = Math.max(...busiest) / 2;
  // A server that cannot take this load would only show its queue.
  const able = servers.filter((server) => server.name !== 'portkey');
  const latency = await measure(able, latencyConnections, halfRate);
  await stopServers(servers);
  await core.stop();
  return { throughput, latency, halfRate };
}

async function measureStreams(withPortkey, beside) {
  const core = await DemoCore.start(['--piece-delay-ms', '5'], { record: false });
  const servers = await startServers(core.port, { withPortkey, beside, buffering: 'off' });
  const streams = servers.map(({ name }) => ({ name, delays: [] }));
  for (const server of servers) await firstTokens(server, 5);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, server] of servers.entries()) {
      streams[i].delays.push(...(await firstTokens(server, Number(options.streams))));
    }
  }
  await stopServers(servers);
  await core.stop();
  return streams;
}

async function versions(withPortkey) {
  const said = async (...command) => {
    const { stdout, stderr } = await run(command[0], command.slice(1));
    return (stdout + stderr).trim().split('\n')[0];
  };
  const nginx = (await said('/usr/sbin/nginx', '-v')).replace('nginx version: ', '');
  const parts = [
    await said(menshen, 'version'),
    ...(beside ? [`beside ${await said(beside, 'version')}`] : []),
    `commit ${await said('git', 'rev-parse', '--short', 'HEAD')}`,
    nginx,
    ...(withPortkey ? ['Portkey 1.15.2', `Node.js ${process.version}`] : []),
  ];
  return { text: parts.join(', '), filesystem: await said('stat', '-f', '-c', '%T', work) };
}

const withPortkey = !options['no-portkey'];
const { beside } = options;
await mkdir(work, { recursive: true });
const loaded = await measureLoad(withPortkey, beside);
const results = {
  date: new Date().toISOString().slice(0, 10),
  options: { command: process.argv.slice(2).join(' '), rounds, seconds, latencyConnections },
  versions: await versions(withPortkey),
  ...loaded,
  streams: await measureStreams(withPortkey, beside),
};
await writeFile(join(work, 'results.json'), JSON.stringify(results, null, 1));
await writeReport(options.output, results);
console.log(`written: ${options.output}`);
