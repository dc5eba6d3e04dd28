// What one exchange asks of the kernel, of the disk and of the allocator: stated numbers, so that
// speed is not lost unseen. Whoever lowers one writes the lower bound here.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DemoCore, Gateway } from '../../support/gateway.mjs';
import { run } from '../../support/process.mjs';

const names = ['receives', 'sends', 'waits', 'writes', 'syncs', 'allocations', 'allocated'];
const exchanges = 512;
// One connection, one exchange after the other, each of which waits for its intent and for its
// outcome; what is shared among exchanges (heads, bundles, tiles) is in the rest.
const most = {
  receives: 5.1,
  sends: 2.1,
  waits: 7,
  writes: 2.1,
  syncs: 0.3,
  allocations: 125,
  allocated: 50_000,
};

describe('the cost of an exchange', () => {
  let folder;
  let core;
  let gateway;
  let counts;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-cost-'));
    const library = join(folder, 'counted_calls.so');
    const source = 'tests/support/counted_calls.c';
    const built = await run('cc', ['-O2', '-shared', '-fPIC', '-o', library, source]);
    assert.equal(built.code, 0, built.stderr);
    const file = join(folder, 'counts');
    counts = async () => {
      const bytes = await readFile(file);
      return names.map((_, i) => Number(bytes.readBigUInt64LE(8 * i)));
    };
    core = await DemoCore.start(['--fixed-reply-bytes', '1000'], { record: false });
    gateway = await Gateway.start({
      upstream: core.url,
      policy: await readFile('deploy/templates/policy.yaml', 'utf8'),
      env: { LD_PRELOAD: library, MENSHEN_COUNTS_FILE: file },
    });
  });
  after(async () => {
    await gateway.stop();
    await core.stop();
    await rm(folder, { recursive: true });
  });

  const ask = async (content) => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo-1', messages: [{ role: 'user', content }] }),
    });
    assert.equal(answer.status, 200);
    await answer.arrayBuffer();
  };

  test('calls, syncs and allocations stay below their bounds', async () => {
    const prose = 'Please read the minutes of the last meeting and say what was decided. ';
    for (let i = 0; i < exchanges; i += 1) await ask(prose.repeat(12));
    const earlier = await counts();
    for (let i = 0; i < exchanges; i += 1) await ask(prose.repeat(12));
    const later = await counts();
    const each = Object.fromEntries(
      names.map((name, i) => [name, (later[i] - earlier[i]) / exchanges]),
    );
    const told = JSON.stringify(each);
    for (const name of names) {
      assert.ok(each[name] > 0 || name === 'syncs', `${name} are not counted: ${told}`);
      assert.ok(each[name] <= most[name], `${name}: ${told}`);
    }
  });
});
