// The guides' files and commands, run as they stand: docs/FIRST_PROVIDER.md and the READMEs, in
// both languages.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { menshen } from '../support/gateway.mjs';
import { Process, run, until } from '../support/process.mjs';

const root = new URL('../../', import.meta.url).pathname;

// [{ language, text }] of the fenced blocks of a page.
async function blocksOf(page) {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, block]) => ({
    language,
    text: block,
  }));
}

// The commands of its shell blocks that call the program, comments left out.
const commandsIn = (blocks) =>
  blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => /^menshen |^export /.test(line));

describe('guides', () => {
  let folder;
  let bin;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-guides-'));
    bin = join(folder, 'bin');
    await mkdir(bin);
    await symlink(resolve(menshen), join(bin, 'menshen'));
  });
  after(() => rm(folder, { recursive: true }));

  const shell = (cwd, line, env = {}) =>
    run('bash', ['-c', line], { cwd, env: { PATH: `${bin}:${process.env.PATH}`, ...env } });

  for (const page of ['docs/FIRST_PROVIDER.md', 'docs/zh-CN/FIRST_PROVIDER.md']) {
    test(`${page}: its files load, its commands work`, async () => {
      const cwd = await mkdtemp(join(folder, 'first-'));
      const blocks = await blocksOf(page);
      for (const { language, text } of blocks) {
        const name = /^# (\S+\.yaml)$/m.exec(text)?.[1];
        if (language === 'yaml' && name) await writeFile(join(cwd, name), text);
      }
      const env = {};
      const commands = commandsIn(blocks);
      assert.ok(commands.length > 8, commands.join('\n'));
      for (const line of commands) {
        const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
        if (name) {
          env[name] = value;
        } else if (line.startsWith('menshen serve')) {
          const config = await readFile(join(cwd, 'menshen.yaml'), 'utf8');
          await writeFile(join(cwd, 'menshen.yaml'), config.replace(/:(8080|9090)"/g, ':0"'));
          const args = line.split(' ').slice(1);
          const gateway = new Process(menshen, args, { cwd, env });
          await until('it serves', () => {
            assert.equal(gateway.status, undefined, gateway.output);
            return gateway.output.includes('"event":"listening"');
          });
          await gateway.stop();
        } else {
          const { code, stdout, stderr } = await shell(cwd, line, env);
          assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
          assert.ok(!/warning|error/.test(stderr), `${line}\n${stderr}`);
        }
      }
    });
  }

  for (const page of ['README.md', 'README.zh-CN.md']) {
    test(`${page}: its commands work as typed where the quickstart put its files`, async () => {
      const cwd = await mkdtemp(join(folder, 'readme-'));
      const config = await readFile(join(root, 'deploy/templates/menshen.yaml'), 'utf8');
      const filled = config
        .replaceAll('@DIRECTORY@', cwd)
        .replaceAll(/@\w*PORT@/g, '0')
        .replace('http://127.0.0.1:0', 'http://127.0.0.1:9');
      await writeFile(join(cwd, 'menshen.yaml'), filled);
      await copyFile(join(root, 'deploy/templates/policy.yaml'), join(cwd, 'policy.yaml'));
      await writeFile(join(cwd, 'texts.jsonl'), '{"id": 1, "text": "zhang.san@corp.example"}\n');
      const gateway = new Process(menshen, ['serve', '--config', 'menshen.yaml'], { cwd });
      await until('it serves', () => gateway.output.includes('"event":"listening"'));
      const text = await readFile(join(root, page), 'utf8');
      const inline = [...text.matchAll(/`(menshen [^`\n]+)`/g)].map(([, line]) => line);
      const commands = [...commandsIn(await blocksOf(page)), ...inline];
      assert.ok(commands.length >= 4, commands.join('\n'));
      for (const line of commands) {
        const { code, stdout, stderr } = await shell(cwd, line);
        assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
      }
      await gateway.stop();
    });
  }
});
