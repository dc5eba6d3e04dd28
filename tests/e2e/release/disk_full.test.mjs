// Laws 2 and 3 on a full disk: exchanges are refused while the evidence cannot be written, and
// accepted again by themselves when it can.
import assert from 'node:assert/strict';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../../support/apis.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { freePort, run, until } from '../../support/process.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';

const disk_megabytes = 24;
const asRoot = process.getuid() === 0 ? ['env'] : ['sudo', '-n'];
const root = (...command) => run(asRoot[0], [...asRoot.slice(1), ...command]);

describe('a full disk', () => {
  let provider;
  let gateway;
  let disk;

  // The store is on a small disk of its own.
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({ upstream: provider.url });
    await gateway.process.stop();
    disk = join(gateway.folder, 'disk');
    await mkdir(disk);
    const size = `size=${disk_megabytes}m,mode=777`;
    const { code, stderr } = await root('mount', '-t', 'tmpfs', '-o', size, 'tmpfs', disk);
    assert.equal(code, 0, `a small disk needs root: ${stderr}`);
    const moved = await run('cp', ['-a', join(gateway.folder, 'var'), join(disk, 'var')]);
    assert.equal(moved.code, 0, moved.stderr);
    await rm(join(gateway.folder, 'var'), { recursive: true });
    const config = JSON.parse(await gateway.read('menshen.yaml'));
    gateway.port = await freePort();
    config.listen.address = `127.0.0.1:${gateway.port}`;
    config.store.path = join(disk, 'var');
    await gateway.write('menshen.yaml', config);
    await gateway.serve();
  });

  after(async () => {
    await gateway.process.stop();
    const { code, stdout, stderr } = await gateway.command('audit', 'verify');
    await root('umount', disk);
    await rm(gateway.folder, { recursive: true });
    await provider.stop();
    assert.equal(code, 0, stdout + stderr);
  });

  const ask = () => send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));

  const ballast = [];

  async function fill() {
    const { bavail, bsize } = await statfs(disk);
    ballast.push(join(disk, `ballast-${ballast.length}`));
    await writeFile(ballast.at(-1), Buffer.alloc(bavail * bsize, 1)).catch((error) => {
      assert.equal(error.code, 'ENOSPC');
    });
  }

  test('refuses with 503 while it is full, and recovers by itself', async () => {
    assert.equal((await ask()).status, 200);
    const refused = await until('an exchange is refused', async () => {
      await fill();
      const answer = await ask();
      return answer.status === 200 ? null : answer;
    });
    assert.equal(refused.status, 503, refused.body.toString());
    assert.ok(JSON.parse(refused.body).error.code);
    assert.ok(refused.headers['retry-after']);
    // Space that a failed commit gave back may serve a later one, an intent or a whole exchange.
    for (let i = 0; i < 20; i += 1) {
      const { status, body } = await ask();
      assert.ok(status === 200 || status === 503, body.toString());
      if (status === 503) assert.doesNotMatch(body.toString(), /All is well/);
    }
    await until('/readyz says so', async () => {
      await fill();
      await ask();
      return !(await gateway.ready());
    });

    for (const file of ballast) await rm(file);
    await until('exchanges pass again', async () => (await ask()).status === 200);
    await until('/readyz is well again', () => gateway.ready());
  });
});
