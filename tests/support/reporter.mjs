// Reporter of the end-to-end tests: one line per test, the error of each failure, and at the end
// what tests/run reads: a line per failure, with file, names and first lines of the error, and the
// counts. Only leaves count: neither files nor suites are tests.
import { basename } from 'node:path';

const why_lines_max = 6;
const why_characters_max = 500;
const stderr_characters_max = 4000;

const indent = (text, by) => text.replace(/^/gm, ' '.repeat(by));

function describeError(error) {
  if (error === undefined) return 'it was skipped';
  const cause = error.cause ?? error;
  return cause.stack ?? String(cause);
}

// What the error says, without the frames of its stack, on one line.
function firstLines(text) {
  const lines = text.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !/^at .*(\)|:\d+)$/.test(line));
  return said.slice(0, why_lines_max).join(' | ').slice(0, why_characters_max);
}

// Of a file that failed outside its tests only its standard error says why.
const fromItsError = (stderr) => stderr.slice(Math.max(0, stderr.search(/^\w*Error\b/m)));

export default async function* report(source) {
  const names = [];
  const parents = [];
  const failures = [];
  const stderr = new Map();
  let passed = 0;
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      if (data.nesting > 0) parents[data.nesting - 1] = true;
      parents[data.nesting] = false;
      names[data.nesting] = data.name;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
      if (type === 'test:stderr') {
        const all = (stderr.get(data.file) ?? '') + data.message;
        stderr.set(data.file, all.slice(-stderr_characters_max));
      }
    } else if (type === 'test:pass' || type === 'test:fail') {
      const isParent = parents[data.nesting] || data.details.type === 'suite';
      const isFile = data.nesting === 0 && /\.mjs$/.test(data.name);
      const good = type === 'test:pass' && data.skip === undefined && data.todo === undefined;
      const counts = !isParent && !(isFile && good);
      if (counts && good) passed += 1;
      const alone = data.details.error?.failureType !== 'subtestsFailed';
      const mark = good ? 'ok    ' : 'FAILED';
      if (counts || !good) yield `${mark} ${'  '.repeat(data.nesting)}${data.name}\n`;
      if (!good && alone) {
        const error = describeError(data.details.error);
        yield `${indent(error, 8)}\n`;
        const test = isFile ? '' : ` ${names.slice(0, data.nesting + 1).join(' > ')}`;
        const why = isFile ? fromItsError(stderr.get(data.file) ?? error) : error;
        const place = `${basename(data.file ?? '')}:${data.line ?? 0}`;
        failures.push(`${place}${test}: ${firstLines(why)}`.replace(/\s+/g, ' '));
      }
    }
  }
  for (const failure of failures) yield `E2E-FAILED ${failure}\n`;
  yield `E2E-COUNTS ${passed} ${failures.length}\n`;
}
