// What one exchange asks of the kernel, of the disk and of the allocator: stated numbers, so that
// speed is not lost unseen. Whoever lowers one writes the lower bound here.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { countedCalls } from '../../support/counted_calls.mjs';
import { DemoCore, Gateway } from '../../support/gateway.mjs';
import { readLog } from '../../support/log.mjs';

const exchanges = 512;
// One connection, one exchange after the other, each of which waits for its intent and for its
// outcome. What goes on behind exchanges is in it: heads, bundles, the index. How many groups have
// a head of their own hangs on the machine, and each costs some twelve allocations.
const most = {
  receives: 5.1,
  sends: 2.1,
  waits: 7,
  writes: 2.1,
  syncs: 0.3,
  allocations: 160,
  allocatedBytes: 55_000,
};
const recordBytesMost = 1_000; // of intent and outcome, without findings

describe('the cost of an exchange', () => {
  let folder;
  let core;
  let gateway;
  let counted;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-cost-'));
    counted = await countedCalls(folder);
    core = await DemoCore.start(['--fixed-reply-bytes', '1000'], { record: false });
    gateway = await Gateway.start({
      upstream: core.url,
      policy: await readFile('deploy/templates/policy.yaml', 'utf8'),
      env: counted.env,
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
    const earlier = await counted.read();
    for (let i = 0; i < exchanges; i += 1) await ask(prose.repeat(12));
    const later = await counted.read();
    const each = Object.fromEntries(
      Object.keys(most).map((name) => [name, (later[name] - earlier[name]) / exchanges]),
    );
    const told = JSON.stringify(each);
    for (const [name, bound] of Object.entries(most)) {
      assert.ok(each[name] > 0 || name === 'syncs', `${name} are not counted: ${told}`);
      assert.ok(each[name] <= bound, `${name}: ${told}`);
    }
  });

  test('its records stay below theirs', async () => {
    const { bodies } = await readLog(join(gateway.folder, 'var'));
    const records = bodies.filter((body) => /"type":"(intent|outcome)"/.test(body));
    const bytes = records.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
    const each = (2 * bytes) / records.length;
    assert.ok(records.length >= 4 * exchanges, `${records.length} records`);
    assert.ok(each <= recordBytesMost, `${each} bytes`);
  });
});
