// deploy/quickstart --stop ends what serves its folder, whoever started it, and nothing else.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { demoCore } from '../support/gateway.mjs';
import { Process, run, until } from '../support/process.mjs';

const root = new URL('../../', import.meta.url).pathname;

describe('quickstart --stop', () => {
  let folder;
  let portFile;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-quickstart-'));
    await mkdir(join(folder, 'deploy/quickstart.d/run'), { recursive: true });
    await copyFile(join(root, 'deploy/quickstart'), join(folder, 'deploy/quickstart'));
    await symlink(resolve(demoCore), join(folder, 'menshen-demo-core'));
    portFile = join(folder, 'deploy/quickstart.d/run/demo-core.port');
  });
  after(() => rm(folder, { recursive: true }));

  const core = async (file) => {
    const args = ['--port', '0', '--port-file', file];
    const process = new Process(join(folder, 'menshen-demo-core'), args);
    await until('it listens', () => readFile(file, 'utf8').catch(() => ''));
    return process;
  };
  const stop = () => run(join(folder, 'deploy/quickstart'), ['--stop']);

  test('ends what a killed quickstart left, without a pid file', async () => {
    const left = await core(portFile);
    const other = await core(join(folder, 'other.port'));
    const { code, stderr } = await stop();
    assert.equal(code, 0, stderr);
    assert.deepEqual(await left.exited, { code: 0, signal: null });
    assert.equal(other.status, undefined, 'another folder is none of its business');
    await other.kill('SIGTERM');
  });

  test('with nothing left does nothing', async () => {
    const { code, stdout, stderr } = await stop();
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  });
});
