// The measurements as a section of bench/RESULTS.md.
import { readFile, writeFile } from 'node:fs/promises';
import { median, percentile } from './statistics.mjs';

const begin = '<!-- bench/load: begin -->';
const end = '<!-- bench/load: end -->';

const row = (...cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) =>
  [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n');

// Of all runs of a row; `-` where the server has no such figure, or let a value through.
const leaked = (one) => one.runs.some((run) => run.leaked > 0);
const figures = (one, of) =>
  leaked(one) ? [] : one.runs.map(of).filter((figure) => Number.isFinite(figure));
const middle = (one, of) => median(figures(one, of));
const shown = (one, of, digits = 0) =>
  figures(one, of).length > 0 ? middle(one, of).toFixed(digits) : '-';
const latency = (share) => (run) => run.latency_us[share] / 1000;
const rate = (run) => run.rate;
const costs = [
  ['CPU µs', (one) => shown(one, (run) => run.cpuUs)],
  ['switches', (one) => shown(one, (run) => run.switches, 1)],
  ['commits', (one) => shown(one, (run) => run.commits, 2)],
  ['records in a commit', (one) => shown(one, (run) => run.group, 1)],
  ['resident MB', (one) => shown(one, (run) => run.residentMegabytes)],
];

// What disqualifies a row, or its rate.
function reached(one) {
  if (leaked(one)) return 'leaked';
  const errors = one.runs.reduce((sum, run) => sum + run.errors, 0);
  return errors > 0 ? `${errors} errors` : shown(one, rate);
}

const valid = (one) => !leaked(one) && one.runs.every((run) => run.errors === 0);

function toOther(one, rows, name) {
  const other = rows.find(
    (candidate) =>
      candidate.server === name &&
      ['part', 'connections', 'bytes', 'prompt'].every((key) => candidate[key] === one[key]),
  );
  if (!other || !valid(one) || !valid(other)) return '-';
  const ratio = middle(one, rate) / middle(other, rate);
  return ratio.toFixed(ratio < 3 ? 2 : 1);
}

function closedTable(rows) {
  const range = (one) => {
    const rates = figures(one, rate);
    if (rates.length === 0) return '-';
    return `${Math.min(...rates).toFixed(0)}..${Math.max(...rates).toFixed(0)}`;
  };
  const heads = ['connections', 'prompts', 'server', 'requests/s, median', 'range', 'to nginx'];
  const clean = (one) => ({ ...one, prompt: 'clean' });
  return table(
    [...heads, 'to Portkey', 'to LiteLLM', 'p50 ms', 'p99 ms', ...costs.map(([head]) => head)],
    rows.map((one) =>
      row(
        ...[one.connections, one.prompt, one.server, reached(one), range(one)],
        ...[toOther(one, rows, 'nginx'), toOther(clean(one), rows, 'portkey')],
        toOther(clean(one), rows, 'litellm'),
        ...['p50', 'p99'].map((share) => shown(one, latency(share), 2)),
        ...costs.map(([, cell]) => cell(one)),
      ),
    ),
  );
}

function openTable(rows) {
  const shares = ['p50', 'p99', 'p99.9'];
  const cells = rows.map((one) => {
    const core = rows.find((other) => other.server === 'core' && other.rate === one.rate);
    const added = (of) => (middle(one, of) - middle(core, of)).toFixed(2);
    return row(
      ...[one.rate, one.server, reached(one)],
      ...shares.map((share) => shown(one, latency(share), 2)),
      ...shares.map((share) => added(latency(share))),
      shown(one, (run) => run.delay_us.p99 / 1000, 2),
      shown(one, (run) => run.connections),
      shown(one, (run) => run.waited + run.unanswered),
      shown(one, (run) => run.cores, 2),
      ...costs.slice(0, 4).map(([, cell]) => cell(one)),
    );
  });
  return table(
    [
      ...['due/s', 'server', 'answered/s', 'p50 ms', 'p99 ms', 'p99.9 ms'],
      ...['added p50', 'added p99', 'added p99.9', 'begun late by, p99 ms', 'connections'],
      ...['not begun or not answered', 'cores busy', ...costs.slice(0, 4).map(([head]) => head)],
    ],
    cells,
  );
}

function sizesTable(rows) {
  return table(
    [
      'bytes each way',
      'server',
      'requests/s',
      'to nginx',
      'p50 ms',
      'p99 ms',
      'CPU µs',
      'resident MB',
    ],
    rows.map((one) =>
      row(
        ...[one.bytes, one.server, reached(one), toOther(one, rows, 'nginx')],
        ...['p50', 'p99'].map((share) => shown(one, latency(share), 2)),
        shown(one, (run) => run.cpuUs),
        shown(one, (run) => run.residentMegabytes),
      ),
    ),
  );
}

function allocationsTable(rows) {
  return table(
    ['server', 'prompts', 'allocations', 'bytes'],
    rows.map((one) => row(one.server, one.prompt, one.calls.toFixed(0), one.bytes.toFixed(0))),
  );
}

function streamTable(rows) {
  const core = rows.find((one) => one.server === 'core');
  const of = (one, key) => one.delays.map((delay) => delay[key]);
  const cells = (one, key) => [
    median(of(one, key)).toFixed(2),
    percentile(of(one, key), 0.99).toFixed(2),
    (median(of(one, key)) - median(of(core, key))).toFixed(2),
  ];
  const heads = ['event', 'text'].flatMap((what) => [`first ${what} ms, median`, 'p99', 'added']);
  return table(
    ['server', 'samples', ...heads],
    rows.map((one) =>
      row(one.server, one.delays.length, ...cells(one, 'event'), ...cells(one, 'text')),
    ),
  );
}

// Paragraphs; the words that are the same in each report.
const serversAndColumns =
  'All processes, the load generator and the core too, share the cores. `menshen` has the ' +
  'policy of the quickstart (personal data and secrets, both ways), `menshen scores` the ' +
  'same with rules on all four scores, `menshen bare` no rule on content, though detectors ' +
  'run for the record; all have identity, limits and log as shipped, and a record of each ' +
  'exchange is durable before its answer ends. nginx, Portkey and `litellm` inspect ' +
  'nothing, `litellm filter` looks for the same kinds of values both ways; none of them ' +
  'records. Prompts of `values` have four, and so have their answers; `leaked`: one passed ' +
  'a server that should have taken it out. CPU (user and system), context switches and ' +
  'commits of the log, each an fdatasync, are of one exchange and of all processes of the ' +
  'server; what is resident is the sum of its processes.';
const openLoop =
  'Latency counts from when a request was due; added is what the core alone does not take. A ' +
  'request that is due takes a free connection or a new one, up to 1,024.';

function introduction({ date, machine, versions, command, rounds, seconds }) {
  const { median: usual, p99 } = machine.fdatasyncUs;
  return [
    `${date}. ${machine.processors}, ${machine.memoryGigabytes} GiB, Linux ${machine.kernel}, ` +
      `load ${machine.loadBefore.toFixed(1)} before; the store on ${machine.filesystem}, where ` +
      `an fdatasync of 4 KB in place takes ${usual.toFixed(0)} µs, p99 ${p99.toFixed(0)}. ` +
      `${versions.join(', ')}.`,
    `Command: \`${command}\`; interleaved rounds: ${rounds}, of ${seconds} s; medians.`,
    serversAndColumns,
  ];
}

function section(results) {
  const of = (part) => results.rows.filter((one) => one.part === part);
  const parts = [
    begin,
    '## Load: against nginx, Portkey and LiteLLM',
    ...introduction(results),
    '### Closed loop: chats of 1 KB each way, a connection asks again when it has its answer',
    closedTable(of('closed')),
    `### Open loop: chats are due at random times (${results.half}/s: half of Menshen's most)`,
    openLoop,
    openTable(of('open')),
  ];
  if (of('sizes').length > 0)
    parts.push('### Larger bodies, 16 connections, closed loop', sizesTable(of('sizes')));
  if (of('allocations').length > 0)
    parts.push(
      '### Allocations of an exchange, 16 connections',
      allocationsTable(of('allocations')),
    );
  parts.push('### Streams, one at a time, a piece each 5 ms', streamTable(of('streams')), end);
  return parts.join('\n\n');
}

export async function writeReport(file, results) {
  const old = await readFile(file, 'utf8').catch(
    () => '# Results\n\nMeasured by what is in this folder.\n',
  );
  const from = old.indexOf(begin);
  const text =
    from < 0
      ? `${old.trimEnd()}\n\n${section(results)}\n`
      : old.slice(0, from) + section(results) + old.slice(old.indexOf(end) + end.length);
  await writeFile(file, text);
}
