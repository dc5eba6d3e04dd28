// Files that do not load: each error names file, line and field, and nothing listens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
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
      const told = asJson.diagnostics.find((problem) => problem.line === line);
      assert.ok(told, JSON.stringify(asJson));
      assert.equal(told.level, 'error');
      assert.ok(told.file.endsWith('/bad.yaml') && told.column > 0 && told.message.length > 0);
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

  test('a problem has its fields apart', async () => {
    const file = await write('bad.yaml', good.policy.replace('[email]', '[emial]'));
    const { diagnostics } = JSON.parse((await check(file, '--json')).stdout);
    assert.deepEqual(diagnostics, [
      {
        level: 'error',
        file,
        line: 11,
        column: 50,
        pointer: '/content/0/find/types/0',
        message:
          'No detector of this version finds the type "emial". Did you mean email?',
        suggestion: 'email',
      },
    ]);
  });

  describe('names that nothing has', () => {
    let config;
    before(async () => {
      config = await write('menshen.yaml', good.config.replace('PORT', '8080'));
    });
    const deny = (selection) =>
      good.policy.replace('\ncontent:', `\n  - {id: no, effect: deny, ${selection}}
content:`);
    const warned = async (text, ...more) => {
      const file = await write('policy.yaml', text);
      return check(file, '--config', config, ...more);
    };

    test('of a zone: a warning with the nearest, and strictly an error', async () => {
      const text = deny('what: {zones: [internl]}');
      const loose = await warned(text);
      assert.equal(loose.code, 0, loose.stderr);
      assert.match(loose.stderr, /policy\.yaml:10:\d+ access\[1\]\.what\.zones\[0\]: warning: /);
      assert.match(loose.stderr, /No upstream is in the zone "internl".*mean internal\?/);
      const strict = await warned(text, '--strict');
      assert.equal(strict.code, 1, strict.stderr);
      assert.match(strict.stderr, /zones\[0\]: error: No upstream/);
      assert.equal((await warned(deny('what: {zones: [internal]}'), '--strict')).code, 0);
    });

    test('of a group and a user: as the keys have them, once there is one', async () => {
      const text = deny('who: {groups: [demmo]}');
      assert.equal((await warned(text, '--strict')).code, 0, 'there is no key yet');
      const keys = ['keys', 'create', '--config', config, '--subject', 'alice', '--groups', 'demo'];
      assert.equal((await run(menshen, keys)).code, 0);
      assert.match((await warned(text)).stderr, /No API key has the group "demmo".*mean demo\?/);
      const user = deny('who: {users: [alcie]}');
      assert.match((await warned(user)).stderr, /users\[0\]: warning: No API key is for this user/);
      const { diagnostics } = JSON.parse((await warned(user, '--json')).stdout);
      assert.equal(diagnostics[0].suggestion, 'alice');
      const service = [...keys.slice(0, 5), 'app', '--kind', 'service', '--may-set-user'];
      assert.equal((await run(menshen, service)).code, 0);
      assert.equal((await warned(user, '--strict')).code, 0, 'a service may name any person');
    });

    test('the policy is that of the configuration when none is named', async () => {
      await write('policy.yaml', deny('what: {zones: [internl]}'));
      const { code, stderr } = await run(menshen, ['policy', 'check', '--config', config]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /No upstream is in the zone/);
      assert.equal((await run(menshen, ['policy', 'check'])).code, 2);
      const alone = join(folder, 'policy.yaml');
      assert.equal((await check(alone, '--strict')).code, 2, 'there is nothing to be strict about');
    });
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

  test('a start that fails leaves no begun store behind', async () => {
    await write('policy.yaml', good.policy);
    await rm(join(folder, 'var'), { recursive: true, force: true });
    const taken = createServer();
    await new Promise((resolve) => {
      taken.listen(0, '127.0.0.1', resolve);
    });
    const admin = `admin: {address: "127.0.0.1:${taken.address().port}"}`;
    const text = good.config.replace('PORT', await freePort());
    for (const config of [
      good.config.replace('PORT', taken.address().port),
      text.replace('admin: {address: "127.0.0.1:0"}', admin),
    ]) {
      const file = await write('menshen.yaml', config);
      const { code, stderr } = await run(menshen, ['serve', '--config', file]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /cannot_listen/);
      assert.ok(!(await readdir(folder)).includes('var'));
    }
    taken.close();
  });

  test('a policy with an error does not start', async () => {
    await write('policy.yaml', good.policy.replace('action: redact', 'action: hide'));
    const port = await freePort();
    const file = await write('menshen.yaml', good.config.replace('PORT', port));
    const { code, stderr } = await run(menshen, ['serve', '--config', file]);
    assert.equal(code, 2);
    assert.match(stderr, /policy\.yaml:11:/);
  });

  describe('config check', () => {
    const checked = async (config, ...more) => {
      const file = await write('menshen.yaml', config.replace('PORT', '8080'));
      return run(menshen, ['config', 'check', '--config', file, ...more]);
    };

    test('says what serve would, and leaves nothing behind', async () => {
      await write('policy.yaml', good.policy);
      await rm(join(folder, 'var'), { recursive: true, force: true });
      const { code, stdout, stderr } = await checked(good.config);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^ok: .*menshen\.yaml, policy [0-9a-f]{64}$/m);
      assert.deepEqual((await readdir(folder)).filter((name) => name === 'var'), []);
    });

    test('finds mistakes in the configuration, its policy and its credentials', async () => {
      await write('policy.yaml', good.policy.replace('action: redact', 'action: hide'));
      const policy = await checked(good.config, '--json');
      assert.equal(policy.code, 1);
      const { ok, diagnostics } = JSON.parse(policy.stdout);
      assert.equal(ok, false);
      assert.equal(diagnostics[0].pointer, '/content/0/then/action');
      await write('policy.yaml', good.policy);
      const secret = good.config.replace('zone: internal', 'credential: {env: NOT_SET_HERE}');
      assert.match((await checked(secret)).stderr, /"NOT_SET_HERE" is not set/);
      assert.equal((await checked(secret, '--without-secrets')).code, 0);
      assert.equal((await checked('listen: 1')).code, 1);
    });

    test('reads certificates and authorities', async () => {
      await write('bad.pem', 'no certificate');
      const tls = `, tls: {certificate: bad.pem, key: bad.pem}}`;
      const broken = good.config.replace('PORT"}', `PORT"${tls}`);
      const { code, stderr } = await checked(broken);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /menshen\.yaml:\d+:\d+ listen\.tls\.certificate: error: The certificate cannot be read/,
      );
      const ca = good.config.replace('"http://127.0.0.1:9"', '"https://127.0.0.1:9", ca: bad.pem');
      assert.match(
        (await checked(ca)).stderr,
        /menshen\.yaml:\d+:\d+ upstreams\[0\]\.ca: error: The authorities cannot be read/,
      );
    });

    test('--strict refuses names of the policy that nothing has', async () => {
      const zones = 'models: [m], zones: [intrnal]';
      await write('policy.yaml', good.policy.replace('models: ["*"]', zones));
      assert.equal((await checked(good.config)).code, 0);
      const strict = await checked(good.config, '--strict');
      assert.equal(strict.code, 1);
      assert.match(strict.stderr, /zones\[0\]: error: No upstream is in the zone "intrnal"/);
    });
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
      const { opaque, ...effect } = JSON.parse(stdout).content.effects[0];
      assert.equal(opaque, kind);
      return [code, effect];
    };
    assert.deepEqual(await said('token_array'), [0, { action: 'annotate', rule: 'tokens' }]);
    assert.deepEqual(await said('image'), [1, { action: 'deny' }]);
    assert.deepEqual(await said('encrypted_reasoning'), [0, { action: 'allow' }]);
    const image = (await explain('--opaque', 'image')).stdout;
    assert.match(image, /^deny: opaque image: defaults\.opaque_content$/m);
    const unknown = await explain('--opaque', 'images');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /may not be "images"\. Did you mean image\? Use one of: image, /);
    assert.equal((await explain()).code, 0);
  });

  test('explain takes encrypted reasoning for seen, or with --unseen for unseen', async () => {
    const rule =
      '  - {id: own, direction: request, find: {opaque: [encrypted_reasoning], seen: false}, ' +
      'then: {action: deny}}\n';
    const file = await write('policy.yaml', good.policy.replace('tests:', `${rule}tests:`));
    const explain = (...more) =>
      run(menshen, ['policy', 'explain', file, '--groups', 'demo', '--model', 'm', ...more]);
    const kind = ['--opaque', 'encrypted_reasoning'];
    assert.match((await explain(...kind)).stdout, /^allow: opaque encrypted_reasoning: no rule$/m);
    const unseen = await explain(...kind, '--unseen');
    assert.equal(unseen.code, 1);
    assert.match(unseen.stdout, /^deny: opaque encrypted_reasoning: rule own$/m);
    const misuse = await explain('--opaque', 'image', '--unseen');
    assert.equal(misuse.code, 2);
    assert.match(misuse.stderr, /--unseen is about --opaque encrypted_reasoning/);
  });

  test('every command has help', async () => {
    for (const command of [
      'serve',
      'healthcheck',
      'config',
      'keys',
      'policy',
      'scan',
      'audit',
      'dp',
      'witness',
      'version',
    ]) {
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
    for (const line of lines) assert.match(line, /^(build|run|test|bench) [a-z0-9.+-]+( [a-z]+)?$/);
  });
});
