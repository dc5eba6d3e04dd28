// Reporter of the end-to-end tests: one line per test, the error of each failure, and the counts
// that tests/run reads. Only leaves count: neither files nor suites are tests.

const indent = (text, by) => text.replace(/^/gm, ' '.repeat(by));

function describeError(error) {
  if (error === undefined) return 'it was skipped';
  const cause = error.cause ?? error;
  return cause.stack ?? String(cause);
}

export default async function* report(source) {
  const parents = [];
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      if (data.nesting > 0) parents[data.nesting - 1] = true;
      parents[data.nesting] = false;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const isParent = parents[data.nesting] || data.details.type === 'suite';
      const isFile = data.nesting === 0 && /\.mjs$/.test(data.name);
      const good = type === 'test:pass' && data.skip === undefined && data.todo === undefined;
      const counts = !isParent && !(isFile && good);
      if (counts && good) passed += 1;
      const alone = data.details.error?.failureType !== 'subtestsFailed';
      if (!good && alone) failed += 1;
      const mark = good ? 'ok    ' : 'FAILED';
      if (counts || !good) yield `${mark} ${'  '.repeat(data.nesting)}${data.name}\n`;
      if (!good && alone) yield `${indent(describeError(data.details.error), 8)}\n`;
    }
  }
  yield `E2E-COUNTS ${passed} ${failed}\n`;
}
