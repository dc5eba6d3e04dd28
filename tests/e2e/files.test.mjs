// Files that do not load: each error names file, line and field, and nothing listens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { menshen } from '../support/gateway.mjs';
import { freePort, run } from '../support/process.mjs';

const root = new URL('../../', import.meta.url).pathname;
const good = {
  policy: `apiVersion: menshen/v1
kind: PolicySet
metadata: {name: acme}
defaults: {access: deny, on_error: deny, opaque_content: deny}
access:
  - id: all
    effect: allow
    who: {groups: [demo]}
    what: {models: ["*"], operations: [chat]}
content:
  - {id: pii, direction: request, find: {types: [email]}, then: {action: redact, as: tag}}
tests:
  - name: demo may
    given: {groups: [demo], model: m, operation: chat}
    expect: {access: allow}
`,
  config: `listen: {address: "127.0.0.1:PORT"}
admin: {address: "127.0.0.1:0"}
store: {path: ./var}
policy: {path: policy.yaml}
upstreams:
  - {name: core, url: "http://127.0.0.1:9", apis: [openai], zone: internal}
routes:
  - {models: ["*"], upstreams: [{name: core}]}
`,
};

// [what, text to replace, replacement, line, what the message must name]
const badPolicies = [
  ['an unknown key', 'effect: allow', 'efect: allow', 7, 'efect'],
  ['an unknown effect', 'effect: allow', 'effect: permit', 7, 'effect'],
  ['an unknown type', 'types: [email]', 'types: [e-mail]', 11, 'content[0].find.types'],
  ['an unknown action', 'action: redact', 'action: hide', 11, 'content[0].then.action'],
  ['an unknown operation', 'operations: [chat]', 'operations: [talk]', 9, 'operations'],
  ['another version', 'menshen/v1', 'menshen/v9', 1, 'apiVersion'],
  ['open access by default', 'access: deny', 'access: allow', 4, 'defaults.access'],
  [
    'a confidence past 1',
    'types: [email]',
    'types: [email], confidence_min: 7',
    11,
    'confidence_min',
  ],
  ['a rule without an id', '  - id: all\n    effect', '  - effect', 6, 'id'],
  ['an id twice', 'id: pii', 'id: all', 11, 'id'],
  [
    'grounding of a request',
    'types: [email]',
    'scores: {grounding: {below: 0.5}}',
    11,
    'grounding',
  ],
  ['what comes later', 'action: redact, as: tag', 'action: review', 11, 'action'],
  ['a key twice', 'kind: PolicySet', 'kind: PolicySet\nkind: PolicySet', 3, 'kind'],
  ['no YAML', 'who: {groups: [demo]}', 'who: {groups: [demo', 9, ''],
];

const badConfigs = [
  ['an unknown key', 'store: {path: ./var}', 'stores: {path: ./var}', 3, 'stores'],
  ['no port', '127.0.0.1:PORT', '127.0.0.1', 1, 'listen.address'],
  ['an upstream that nobody named', '[{name: core}]', '[{name: cor}]', 8, 'name'],
  ['a URL that is none', '"http://127.0.0.1:9"', '"127.0.0.1"', 6, 'url'],
  ['an unknown API', 'apis: [openai]', 'apis: [gemini]', 6, 'apis'],
  ['a credential in the file', 'zone: internal', 'credential: {value: sk-1}', 6, 'credential'],
  [
    'a credential that is not set',
    'zone: internal',
    'credential: {env: NOT_SET_HERE}',
    6,
    'NOT_SET_HERE',
  ],
  ['a limit that is none', 'admin:', 'limits: {request_body_bytes_max: -1}\nadmin:', 2, 'limits'],
  ['a policy that is not there', 'policy.yaml', 'absent.yaml', 4, 'policy'],
];

describe('files', () => {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-files-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function write(name, text) {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  }

  const check = (file, ...more) => run(menshen, ['policy', 'check', file, ...more]);

  test('a good policy passes', async () => {
    const file = await write('policy.yaml', good.policy);
    const { code, stderr } = await check(file);
    assert.equal(code, 0, stderr);
    const asJson = JSON.parse((await check(file, '--json')).stdout);
    assert.equal(asJson.ok, true);
    assert.match(asJson.version, /^[0-9a-f]{64}$/);
    assert.equal((await run(menshen, ['policy', 'test', file])).code, 0);
  });

  for (const [what, from, to, line, names] of badPolicies) {
    test(`a policy with ${what}`, async () => {
      assert.ok(good.policy.includes(from));
      const file = await write('bad.yaml', good.policy.replace(from, to));
      const { code, stdout, stderr } = await check(file);
      assert.equal(code, 1, stdout);
      assert.match(stderr, new RegExp(`bad\\.yaml:${line}:\\d+`), stderr);
      assert.ok(stderr.includes(names), stderr);
      const asJson = JSON.parse((await check(file, '--json')).stdout);
      assert.equal(asJson.ok, false);
      const place = new RegExp(`bad\\.yaml:${line}:`);
      assert.ok(asJson.diagnostics.some(({ where }) => place.test(where)));
    });
  }

  test('all errors of a file come at once', async () => {
    const text = good.policy.replace('menshen/v1', 'x').replace('[email]', '[y]');
    const { stderr } = await check(await write('bad.yaml', text));
    assert.match(stderr, /bad\.yaml:1:/);
    assert.match(stderr, /bad\.yaml:11:/);
  });

  test('a test of a policy that fails', async () => {
    const text = good.policy.replace('groups: [demo], model', 'groups: [other], model');
    const file = await write('policy.yaml', text);
    const { code, stdout } = await run(menshen, ['policy', 'test', file]);
    assert.equal(code, 1);
    assert.ok(stdout.includes('demo may'), stdout);
  });

  test('misuse exits with 2', async () => {
    assert.equal((await run(menshen, ['policy', 'check'])).code, 2);
    assert.equal((await run(menshen, ['nonsense'])).code, 2);
    assert.equal((await run(menshen, ['serve', '--nonsense'])).code, 2);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await check(join(folder, 'absent.yaml'));
    assert.equal(code, 1);
    assert.ok(stderr.includes('absent.yaml'), stderr);
  });

  for (const [what, from, to, line, names] of badConfigs) {
    test(`a configuration with ${what} does not start`, async () => {
      await write('policy.yaml', good.policy);
      const port = await freePort();
      assert.ok(good.config.includes(from));
      const text = good.config.replace(from, to).replace('PORT', port);
      const file = await write('menshen.yaml', text);
      const { code, stdout, stderr } = await run(menshen, ['serve', '--config', file]);
      assert.equal(code, 2, stdout);
      assert.match(stderr, new RegExp(`menshen\\.yaml:${line}:\\d+`), stderr);
      assert.ok(stderr.includes(names), stderr);
      assert.ok(!stderr.includes('sk-1'), 'a credential is not repeated');
    });
  }

  test('a policy with an error does not start', async () => {
    await write('policy.yaml', good.policy.replace('action: redact', 'action: hide'));
    const port = await freePort();
    const file = await write('menshen.yaml', good.config.replace('PORT', port));
    const { code, stderr } = await run(menshen, ['serve', '--config', file]);
    assert.equal(code, 2);
    assert.match(stderr, /policy\.yaml:11:/);
  });

  test('the policy of the quickstart passes its own tests', async () => {
    const file = join(root, 'deploy/templates/policy.yaml');
    const { code, stderr } = await check(file);
    assert.equal(code, 0, stderr);
    assert.equal((await run(menshen, ['policy', 'test', file])).code, 0);
  });

  test('explain says what becomes of content that cannot be read, and why', async () => {
    const rule = '  - {id: tokens, find: {opaque: [token_array]}, then: {action: annotate}}\n';
    const file = await write('policy.yaml', good.policy.replace('tests:', `${rule}tests:`));
    const caller = ['--groups', 'demo', '--model', 'm'];
    const explain = (...more) => run(menshen, ['policy', 'explain', file, ...caller, ...more]);
    const said = async (kind) => {
      const { code, stdout } = await explain('--opaque', kind, '--json');
      return [code, JSON.parse(stdout).opaque];
    };
    assert.deepEqual(await said('token_array'), [0, { action: 'annotate', rule: 'tokens' }]);
    assert.deepEqual(await said('image'), [1, { action: 'deny', rule: '' }]);
    assert.deepEqual(await said('encrypted_reasoning'), [0, { action: 'allow', rule: '' }]);
    assert.match((await explain('--opaque', 'image')).stdout, /opaque: deny: by default/);
    const unknown = await explain('--opaque', 'images');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /--opaque is one of image audio/);
    assert.equal((await explain()).code, 0);
  });

  test('every command has help', async () => {
    for (const command of ['serve', 'keys', 'policy', 'scan', 'audit', 'dp', 'version']) {
      const { code, stdout } = await run(menshen, [command, '--help']);
      assert.equal(code, 0, command);
      assert.ok(stdout.length > 50, command);
    }
  });

  test('the package list names each package once in a group', async () => {
    const text = await readFile(join(root, 'deploy/packages'), 'utf8');
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
    assert.ok(lines.length > 20);
    assert.equal(new Set(lines).size, lines.length);
    for (const line of lines) assert.match(line, /^(build|test|bench) [a-z0-9.+-]+( [a-z]+)?$/);
  });
});
