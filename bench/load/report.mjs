// The measurements as a section of bench/RESULTS.md.
import { cpus, release, totalmem } from 'node:os';
import { readFile, writeFile } from 'node:fs/promises';

const begin = '<!-- bench/load: begin -->';
const end = '<!-- bench/load: end -->';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const row = (...cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) =>
  [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n');
const spread = (values, digits = 0) =>
  `${Math.min(...values).toFixed(digits)}..${Math.max(...values).toFixed(digits)}`;

function throughputTable({ throughput }) {
  const of = (name, connections) =>
    throughput.find((one) => one.name === name && one.connections === connections);
  const rows = throughput.map((one) => {
    const rates = median(one.rates);
    const nginx = median(of('nginx', one.connections).rates);
    const portkey = of('portkey', one.connections);
    return row(
      one.connections,
      one.name,
      one.errors > 0 ? `${one.errors} errors` : rates.toFixed(0),
      spread(one.rates),
      (rates / nginx).toFixed(2),
      portkey ? (rates / median(portkey.rates)).toFixed(1) : '-',
      (median(one.p50) / 1000).toFixed(2),
      (median(one.p99) / 1000).toFixed(2),
      one.cpu ? median(one.cpu).toFixed(3) : '-',
      one.resident ? one.resident.toFixed(0) : '-',
    );
  });
  const heads = [
    'connections',
    'server',
    'requests/s, median',
    'range',
    'to nginx',
    'to Portkey',
    'p50 ms',
    'p99 ms',
    'CPU s per 1000',
    'resident MB',
  ];
  return table(heads, rows);
}

function latencyTable({ latency }) {
  const core = latency.find((one) => one.name === 'core');
  const heads = ['server', 'requests/s', 'p50 ms', 'p99 ms', 'added p50 ms', 'added p99 ms'];
  return table(
    heads,
    latency.map((one) =>
      row(
        one.name,
        median(one.rates).toFixed(0),
        (median(one.p50) / 1000).toFixed(2),
        (median(one.p99) / 1000).toFixed(2),
        ((median(one.p50) - median(core.p50)) / 1000).toFixed(2),
        ((median(one.p99) - median(core.p99)) / 1000).toFixed(2),
      ),
    ),
  );
}

function streamTable({ streams }) {
  const core = streams.find((one) => one.name === 'core');
  const of = (one, key) => one.delays.map((delay) => delay[key]);
  const added = (one, key) => (median(of(one, key)) - median(of(core, key))).toFixed(2);
  const heads = [
    'server',
    'samples',
    'first event ms, median',
    'p99',
    'added, median',
    'first text ms, median',
    'p99',
    'added, median',
  ];
  return table(
    heads,
    streams.map((one) =>
      row(
        one.name,
        one.delays.length,
        ...['event', 'text'].flatMap((key) => [
          median(of(one, key)).toFixed(2),
          percentile(of(one, key), 0.99).toFixed(2),
          added(one, key),
        ]),
      ),
    ),
  );
}

export async function writeReport(file, results) {
  const { options, versions } = results;
  const machine =
    `${cpus().length} x ${cpus()[0].model.trim()}, ` +
    `${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}`;
  const section = [
    begin,
    '## Load: against nginx and Portkey',
    '',
    `${results.date}. ${machine}; the store on ${versions.filesystem}. ${versions.text}.`,
    `Command: \`bench/load/run ${options.command}\`. All processes, the load generator too, ` +
      `share the cores; ${options.rounds} interleaved rounds of ${options.seconds} s; ` +
      'chats of 1 KB each way. Menshen runs with identity, policy, personal data and secrets ' +
      'both ways, scores, and every record fsynced before its answer ends; nginx and Portkey ' +
      'inspect and record nothing.',
    '',
    throughputTable(results),
    '',
    `At half of Menshen's load with ${options.latencyConnections} connections ` +
      `(${results.halfRate.toFixed(0)} requests/s for every server):`,
    '',
    latencyTable(results),
    '',
    'Streams, one at a time, a piece each 5 ms. The first text of a guarded stream waits for the ' +
      'end of its first word:',
    '',
    streamTable(results),
    end,
  ].join('\n');
  const old = await readFile(file, 'utf8').catch(
    () => '# Results\n\nMeasured by what is in this folder.\n',
  );
  const from = old.indexOf(begin);
  const text =
    from < 0
      ? `${old.trimEnd()}\n\n${section}\n`
      : old.slice(0, from) + section + old.slice(old.indexOf(end) + end.length);
  await writeFile(file, text);
}
