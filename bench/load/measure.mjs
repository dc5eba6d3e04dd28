// One run of the load generator, and what it cost the server.
import { join } from 'node:path';
import { run } from '../../tests/support/process.mjs';
import { binaries } from './files.mjs';
import { canaries } from './prompts.mjs';
import { usage } from './usage.mjs';

const generator = join(binaries, 'load_generator');

async function generate(server, { prompt, bodies, connections, rate, seconds, seed }) {
  const headers = Object.entries({ 'content-type': 'application/json', ...server.headers });
  const { code, stdout, stderr } = await run(generator, [
    ...['--url', `http://127.0.0.1:${server.port}/v1/chat/completions`],
    ...['--bodies', bodies, '--seconds', String(seconds), '--connections', String(connections)],
    ...(rate ? ['--rate', String(rate), '--seed', String(seed)] : []),
    ...headers.flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(prompt === 'values' ? canaries : []).flatMap((canary) => ['--canary', canary]),
  ]);
  if (code !== 0) throw new Error(`${server.name}: ${stderr}`);
  return JSON.parse(stdout);
}

const counts = async (core) => (await fetch(`${core.url}/demo/counts`)).json();
const sum = (numbers) => Object.values(numbers).reduce((a, b) => a + b, 0);

// What the generator says, with: `errors`, how many answers were not 200 or not whole; `leaked`, in
// how many requests and answers values passed a server that guards; and for each exchange `cpuUs`,
// `switches`, `commits`, and `group`, records in a commit. `cores`: how many cores the server, the
// core and the generator kept busy in that time.
export async function measure(core, server, load) {
  const before = server.process && (await usage(server));
  const coreBefore = await usage(core);
  const leakedBefore = (await counts(core)).leaked;
  const said = await generate(server, load);
  const leaked = said.canaries + (await counts(core)).leaked - leakedBefore;
  const refused = said.answered - (said.statuses['200'] ?? 0);
  const result = {
    ...said,
    errors: sum(said.errors) + refused,
    problems: { ...said.errors, ...said.statuses },
    leaked: server.guards ? leaked : 0,
  };
  const besides = said.cpu_seconds + (await usage(core)).cpu - coreBefore.cpu;
  const after = before && (await usage(server));
  result.cores = (besides + (before ? after.cpu - before.cpu : 0)) / said.seconds;
  if (!before) return result;
  const each = (key) => (after[key] - before[key]) / said.answered;
  result.cpuUs = each('cpu') * 1e6;
  result.switches = each('switches');
  result.residentMegabytes = after.residentMegabytes;
  if (server.adminUrl) {
    result.commits = each('commits');
    result.group = (after.records - before.records) / (after.commits - before.commits);
  }
  return result;
}
