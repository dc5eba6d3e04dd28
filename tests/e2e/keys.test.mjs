// menshen keys: what people and programs are shown.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { menshen } from '../support/gateway.mjs';
import { run } from '../support/process.mjs';

describe('menshen keys', () => {
  let folder;
  const keys = (...args) => run(menshen, ['keys', ...args, '--config', join(folder, 'm.yaml')]);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-keys-'));
    const config = {
      listen: { address: '127.0.0.1:0' },
      admin: { address: '127.0.0.1:0' },
      store: { path: './var' },
      policy: { path: 'policy.yaml' },
      upstreams: [{ name: 'core', url: 'http://127.0.0.1:9', apis: ['openai'] }],
      routes: [{ models: ['*'], upstreams: [{ name: 'core' }] }],
    };
    await writeFile(join(folder, 'm.yaml'), JSON.stringify(config));
  });
  after(() => rm(folder, { recursive: true }));

  test('list shows kind, groups and the end of each', async () => {
    assert.equal((await keys('create', '--subject', 'alice')).code, 0);
    const service = ['--subject', 'reports', '--kind', 'service', '--groups', 'a,b'];
    await keys('create', ...service, '--may-set-user', '--expires-in-hours', '1');
    const desk = ['--subject', 'carl', '--application', 'service desk'];
    const made = JSON.parse((await keys('create', ...desk, '--json')).stdout);
    assert.equal(made.application, 'service desk');
    const gone = JSON.parse((await keys('create', '--subject', 'bob', '--json')).stdout);
    await keys('revoke', gone.id);
    const [alice, reports, carl, bob] = (await keys('list')).stdout.trimEnd().split('\n');
    const time = '\\d{4}-\\d\\d-\\d\\dT\\S+Z';
    const line = (text) => new RegExp(`^\\w{10}  ${text}$`);
    const plain = `active  user  alice  \\(no groups\\)  created ${time}  never expires`;
    assert.match(alice, line(plain));
    const served = `active  service  reports  a,b  created ${time}  expires ${time}  may-set-user`;
    assert.match(reports, line(served));
    assert.match(carl, line('active  user  carl  .*  never expires  application service desk'));
    const revoked = `revoked  user  bob  \\(no groups\\)  created ${time}  revoked ${time}`;
    assert.match(bob, line(revoked));
  });

  test('groups that are empty are refused, and eat no other option', async () => {
    for (const groups of [['--groups', ','], ['--groups='], ['--groups=,'], ['--groups', 'a,']]) {
      const { code, stdout } = await keys('create', '--subject', 'nobody', ...groups, '--json');
      assert.notEqual(code, 0, groups.join(' '));
      assert.equal(stdout, '');
    }
    const listed = await keys('list');
    assert.doesNotMatch(listed.stdout, /nobody/);
  });

  test('groups are written as policies name them', async () => {
    const create = (groups) => keys('create', '--subject', 'dora', '--groups', groups);
    const split = 'cafe\u0301';
    const told = await create(`staff,${split}`);
    assert.equal(told.code, 2);
    assert.match(told.stderr, /--groups: .* composed form \(NFC\)\. Did you mean café\?/);
    const hidden = await create('sta\u200bff');
    assert.equal(hidden.code, 2);
    assert.match(hidden.stderr, /none that show nothing/);
    assert.equal((await create(split.normalize('NFC'))).code, 0);
  });

  test('a key that was rotated says when it retires', async () => {
    const made = JSON.parse((await keys('create', '--subject', 'carol', '--json')).stdout);
    assert.equal((await keys('rotate', made.id)).code, 0);
    const { stdout } = await keys('list');
    assert.match(stdout, new RegExp(`^${made.id}  active  user  carol .*  retires \\S+$`, 'm'));
  });
});
