// The command line itself: guesses, help, versions, exit codes, and what is made from its texts.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { menshen } from '../support/gateway.mjs';
import { run } from '../support/process.mjs';

const command = (...args) => run(menshen, args);

// Every command that help names: [['serve'], ['keys', 'create'], ...].
async function commandsBelow(path = []) {
  const { stdout } = await command(...path, '--help');
  const part = stdout.split(/^Subcommands:\n/m)[1] ?? '';
  const names = [...part.matchAll(/^ {2}([a-z]\w*) /gm)].map(([, name]) => name);
  if (names.length === 0) return [path];
  const below = await Promise.all(names.map((name) => commandsBelow([...path, name])));
  return below.flat();
}

describe('the command line', () => {
  test('a command that nobody knows is named, with the nearest', async () => {
    const { code, stdout, stderr } = await command('serv');
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^menshen has no command "serv"\. Did you mean serve\? It has: serve, /);
    const inner = await command('keys', 'creat', '--subject', 'x');
    assert.equal(inner.code, 2);
    assert.match(inner.stderr, /^menshen keys has no command "creat"\. Did you mean create\?/);
    const far = await command('frobnicate');
    assert.match(far.stderr, /^menshen has no command "frobnicate"\. It has: serve, /);
  });

  test('an option that nobody knows is named, with the nearest', async () => {
    const { code, stderr } = await command('keys', 'create', '--subjet', 'x');
    assert.equal(code, 2);
    assert.match(stderr, /no option "--subjet"\. Did you mean --subject\?/);
  });

  test('where a command is missing there is help, and it is misuse', async () => {
    const bare = await command();
    assert.deepEqual([bare.code, bare.stdout], [2, '']);
    assert.match(bare.stderr, /Subcommands:\n.*serve/s);
    assert.match(bare.stderr, /Exit codes: 0 done, or yes; 1 no: .*; 2 misused/);
    const group = await command('keys');
    assert.equal(group.code, 2);
    assert.match(group.stderr, /Subcommands:\n.*create/s);
  });

  test('--version is one line', async () => {
    const { code, stdout } = await command('--version');
    assert.equal(code, 0);
    assert.match(stdout, /^menshen \d+\.\d+\.\d+\n$/);
    assert.ok((await command('version')).stdout.startsWith(stdout));
  });

  test('a required option that is missing is named', async () => {
    const { code, stderr } = await command('keys', 'create');
    assert.equal(code, 2);
    assert.match(stderr, /--subject is required/);
  });

  test('man page and completions have every command and option', async () => {
    const manual = (await command('manual')).stdout;
    const bash = (await command('completion', 'bash')).stdout;
    const zsh = (await command('completion', 'zsh')).stdout;
    const commands = await commandsBelow();
    assert.ok(commands.length > 10, JSON.stringify(commands));
    for (const path of commands) {
      const name = path.join(' ');
      assert.ok(manual.includes(`\n.SS ${name}\n`), name);
      assert.ok(bash.includes(`' ${name}')`) && zsh.includes(`' ${name}')`), name);
      const { stdout } = await command(...path, '--help');
      for (const [, option] of stdout.matchAll(/^ {2}(--[a-z-]+)/gm)) {
        assert.ok(manual.includes(`\\fB${option.replaceAll('-', '\\-')}\\fR`), option);
        assert.ok(zsh.includes(`'${option}:`), `${name} ${option}`);
      }
    }
  });

  test('bash completes commands, options and nothing else', async () => {
    const script = (await command('completion', 'bash')).stdout;
    const complete = async (...words) => {
      const line = `COMP_WORDS=(menshen ${words.map((word) => `'${word}'`).join(' ')})`;
      const ask = `COMP_CWORD=${words.length}; _menshen; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = await run('bash', ['-c', `${script}\n${line}\n${ask}`]);
      assert.equal(stderr, '');
      return stdout.split('\n').filter(Boolean);
    };
    assert.deepEqual(await complete('ke'), ['keys']);
    assert.deepEqual((await complete('keys', '')).sort(), [
      '--help',
      'create',
      'list',
      'revoke',
      'rotate',
    ]);
    assert.deepEqual(await complete('keys', 'create', '--sub'), ['--subject']);
    assert.deepEqual(await complete('policy', 'check', 'pol'), [], 'files are the shell\'s own');
    assert.deepEqual(await complete('policy', 'check', 'p.yaml', '--st'), ['--strict']);
  });
});

describe('policy explain', () => {
  let folder;
  let file;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-explain-'));
    file = join(folder, 'policy.yaml');
    await writeFile(
      file,
      `apiVersion: menshen/v1
kind: PolicySet
metadata: {name: t}
access:
  - id: office
    effect: allow
    who: {groups: [staff]}
    when: {days: [mon], hours: "08:00-20:00", timezone: Asia/Shanghai}
content:
  - {id: mail, find: {types: [email]}, then: {action: redact, as: hash}}
  - id: keys
    direction: request
    find: {categories: [secret]}
    then: {action: deny, reason: No keys.}
  - {id: watch, find: {types: [email]}, then: {action: deny}, mode: shadow}
  - id: jailbreak
    direction: request
    find: {scores: {injection: {below: 1}}}
    then: {action: annotate}
  - {id: tone, find: {scores: {toxicity: {below: 1}}}, then: {action: annotate}}
ignore:
  - {domains: [press.example], rules: [mail]}
`,
    );
  });
  after(() => rm(folder, { recursive: true }));
  const explain = (...more) =>
    command('policy', 'explain', file, '--groups', 'staff', '--model', 'm', ...more);
  const monday = ['--time', '2026-01-05T12:00:00+08:00'];

  test('at a time', async () => {
    assert.equal((await explain(...monday)).stdout, 'allow: rule office\n');
    const night = await explain('--time', '2026-01-05T21:00:00+08:00');
    assert.equal(night.code, 1);
    assert.match(night.stdout, /^deny: no rule allows it/);
    assert.equal((await explain('--time', 'noon')).code, 2);
    const misspelt = await explain('--operation', 'embedings');
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /^menshen: --operation may not be "embedings"\. Did you mean e/);
    assert.match((await explain('--opaque', 'imgae')).stderr, /Did you mean image\? Use one of: /);
  });

  test('with a value that the policy ignores: by which entry', async () => {
    const text = '联系 desk@press.example';
    const { stdout } = await explain(...monday, '--text', text, '--json');
    const [mail] = JSON.parse(stdout).content.effects;
    assert.deepEqual(mail.ignored, ['ignore[0]']);
    assert.equal(mail.rule, undefined);
    assert.deepEqual(mail.shadow, [{ rule: 'watch', action: 'deny', found: 'email' }]);
    const people = (await explain(...monday, '--text', text)).stdout;
    assert.match(people, /^allow: email at bytes 7 to 25, named by ignore\[0\]: /m);
  });

  test('with a text: what is found, where, and which rule decides', async () => {
    const text = '联系 zhang.san@corp.example';
    const { code, stdout } = await explain(...monday, '--text', text, '--json');
    assert.equal(code, 0, stdout);
    const { access, content } = JSON.parse(stdout);
    assert.equal(access, 'allow');
    assert.equal(content.action, 'redact');
    const [mail, scores] = content.effects;
    assert.deepEqual(
      { ...mail, confidence: 0 },
      {
        type: 'email',
        start: 7,
        end: 29,
        confidence: 0,
        action: 'redact',
        as: 'hash',
        rule: 'mail',
        shadow: [{ rule: 'watch', action: 'deny', found: 'email' }],
      },
    );
    assert.ok('injection' in scores.scores, stdout);
    assert.equal(scores.rule, 'jailbreak');
    assert.deepEqual(scores.also, [{ rule: 'tone', action: 'annotate', found: 'toxicity' }]);
    assert.ok(!stdout.includes('zhang.san'));
    const people = (await explain(...monday, '--text', text)).stdout;
    const mailed =
      'redact: email at bytes 7 to 29: rule mail, in shadow rule watch: deny for email';
    assert.ok(people.split('\n').includes(mailed), people);
    assert.match(people, /: rule jailbreak, also rule tone: annotate for toxicity$/m);
  });

  test('what is denied exits with 1, and a file or standard input will do', async () => {
    const key = `AKIA${'IOSFODNN7EXAMPLE'.replace('EXAMPLE', 'QZ4RTUV')}`;
    const args = ['policy', 'explain', file, '--groups', 'staff', '--model', 'm', ...monday];
    const piped = await run(menshen, [...args, '--text-file', '-'], { input: key });
    assert.equal(piped.code, 1, piped.stdout);
    assert.match(piped.stdout, /^deny: aws_access_key at bytes 0 to 20: rule keys \(No keys\.\)$/m);
    await writeFile(join(folder, 'text'), key);
    const answer = await explain(
      ...monday,
      '--text-file',
      join(folder, 'text'),
      '--direction',
      'response',
    );
    assert.equal(answer.code, 0, 'the rule is about requests');
    assert.equal((await explain('--text-file', join(folder, 'absent'))).code, 2);
    assert.equal((await explain('--text', 'a', '--text-file', '-')).code, 2);
    assert.equal((await explain('--direction', 'sideways')).code, 2);
  });
});
