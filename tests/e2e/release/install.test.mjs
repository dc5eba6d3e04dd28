// cmake --install: what stands where afterwards, and that it says what the program says.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { menshen } from '../../support/gateway.mjs';
import { run } from '../../support/process.mjs';

const root = new URL('../../../', import.meta.url).pathname;

describe('cmake --install', () => {
  let prefix;
  const installed = (name) => readFile(join(prefix, name), 'utf8');
  before(async () => {
    prefix = await mkdtemp(join(tmpdir(), 'menshen-install-'));
    const made = await run('cmake', ['--install', dirname(menshen), '--prefix', prefix]);
    assert.equal(made.code, 0, made.stderr);
  });
  after(() => rm(prefix, { recursive: true }));

  test('puts the program there', async () => {
    const { code, stdout } = await run(join(prefix, 'bin/menshen'), ['--version']);
    assert.equal(code, 0);
    assert.match(stdout, /^menshen \d/);
  });

  test('man page and completions are those of the program', async () => {
    for (const [file, args] of [
      ['share/man/man1/menshen.1', ['manual']],
      ['share/bash-completion/completions/menshen', ['completion', 'bash']],
      ['share/zsh/vendor-completions/_menshen', ['completion', 'zsh']],
    ]) {
      assert.equal(await installed(file), (await run(menshen, args)).stdout, file);
    }
  });

  test('the unit runs this program as a user of its own, without rights', async () => {
    const unit = await installed('lib/systemd/system/menshen.service');
    assert.ok(unit.includes(`ExecStart=${prefix}/bin/menshen serve --config `), unit);
    assert.ok(!unit.includes('@bin@'));
    for (const line of [
      'User=menshen',
      'CapabilityBoundingSet=',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'StateDirectory=menshen',
      'StateDirectoryMode=0700',
    ]) {
      assert.ok(unit.split('\n').includes(line), line);
    }
    assert.match(await installed('lib/sysusers.d/menshen.conf'), /^u menshen - /m);
  });
});

// Libraries of packages that bring themselves: whatever a package depends on comes with it.
test('the packages of the group run are those whose libraries the program needs', async () => {
  const { stdout } = await run('ldd', [menshen]);
  const files = [...stdout.matchAll(/=> (\/\S+)/g)].map(([, file]) => file);
  assert.ok(files.length > 5, stdout);
  const packages = new Set();
  for (const file of files) {
    const usr = file.startsWith('/usr') ? file : `/usr${file}`;
    const tries = await Promise.all([usr, file].map((name) => run('dpkg', ['-S', name])));
    const owner = tries.find(({ code }) => code === 0);
    assert.ok(owner, file);
    packages.add(owner.stdout.split(':')[0]);
  }
  const base = ['libc6', 'libgcc-s1', 'libstdc++6', 'zlib1g'];
  const text = await readFile(join(root, 'deploy/packages'), 'utf8');
  const listed = [...text.matchAll(/^run (\S+)$/gm)].map(([, name]) => name);
  const wanted = [...packages].filter((name) => !base.includes(name));
  const beside = ['ca-certificates', 'libstdc++6'];
  assert.deepEqual(listed.filter((name) => !beside.includes(name)).sort(), wanted.sort());
});
