// menshen scan --explain: why a value is found, what becomes of it, and what is passed over.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { menshen } from '../support/gateway.mjs';
import { run } from '../support/process.mjs';
import { mobile } from '../support/specimens.mjs';

const policy = `apiVersion: menshen/v1
kind: PolicySet
metadata: {name: t}
access: [{id: all, effect: allow}]
content:
  - {id: sure, find: {types: [cn_mobile], confidence_min: 0.9}, then: {action: deny}}
  - {id: office, who: {groups: [office]}, find: {types: [cn_mobile]}, then: {action: redact}}
  - {id: watch, find: {classes: [hipaa_d]}, then: {action: deny}, mode: shadow}
  - {id: mail, find: {classes: [pipl_sensitive]}, then: {action: redact, as: mask}}
ignore:
  - {domains: [press.example], rules: [mail]}
classes: {email: [pipl_sensitive]}
`;

describe('scan --explain', () => {
  let folder;
  let file;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'menshen-explain-'));
    file = join(folder, 'policy.yaml');
    await writeFile(file, policy);
  });
  after(() => rm(folder, { recursive: true }));

  const scan = async (text, ...args) => {
    const input = `${JSON.stringify({ id: 7, text })}\n`;
    const ended = await run(menshen, ['scan', ...args], { input });
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  const explain = async (text, ...args) =>
    JSON.parse(await scan(text, '--explain', '--json', ...args));

  test('says what a label did, and masks the value', async () => {
    const { id, found } = await explain(`手机 ${mobile.value}`);
    assert.equal(id, 7);
    const [one] = found;
    assert.equal(one.type, 'cn_mobile');
    assert.deepEqual([one.confidence, one.without_before, one.without_behind], [0.95, 0.75, 0.95]);
    assert.equal(one.value, '***********');
    assert.ok(one.version > 0);
    assert.ok(!('rule' in one) && !('action' in one), 'no rule was asked about');
    const [shown] = (await explain(`手机 ${mobile.value}`, '--show-values')).found;
    assert.equal(shown.value, mobile.value);
    const text = await scan(`手机 ${mobile.value}`, '--explain');
    assert.match(text, /^7\nfound: cn_mobile at bytes 7 to 18, 0\.95, detector .*: \*{11}\n/);
    assert.match(text, /^ {2}without what stands before: 0\.75$/m);
    assert.ok(!text.includes(mobile.value));
    const hostile = 'password: hun\u001b[2Jter2Xq9\u202e';
    const spelled = await scan(hostile, '--explain', '--show-values');
    assert.ok(!/[\u001b\u202e]/.test(spelled), 'a terminal would act on it');
  });

  test('says what was passed over, and for what', async () => {
    const { found, passed_over: passed } = await explain(`IMEI ${mobile.value}`);
    assert.deepEqual(found, []);
    const one = passed.find(({ type }) => type === 'cn_mobile');
    assert.equal(one.because, 'others_speak_against_it');
    assert.equal(one.value, '***********');
  });

  test('says which rule acts, and which would', async () => {
    const text = `see ${mobile.value} or a@press.example`;
    const of = (explained, type) => explained.found.find((one) => one.type === type);
    const anyone = await explain(text, '--policy', file);
    const unsure = of(anyone, 'cn_mobile');
    assert.deepEqual([unsure.action, unsure.rule], ['allow', undefined]);
    assert.equal(unsure.if_surer, 'sure');
    assert.deepEqual(unsure.shadow, ['watch']);
    const named = of(anyone, 'email');
    assert.deepEqual([named.action, named.ignored], ['allow', ['ignore[0]']]);
    assert.equal(named.if_not_ignored, 'mail');
    const office = of(await explain(text, '--policy', file, '--groups', 'office'), 'cn_mobile');
    assert.deepEqual([office.action, office.rule], ['redact', 'office']);
  });

  test('types have the classes that the set says', async () => {
    const types = async (...args) => JSON.parse(await scan('', '--types', '--json', ...args));
    const classes = (list, name) => list.find(({ type }) => type === name).classes;
    const usual = await types();
    assert.deepEqual(classes(usual, 'email'), ['hipaa_f']);
    assert.deepEqual(classes(usual, 'bank_card'), [
      'gb45574_finance',
      'hipaa_j',
      'pci',
      'pipl_sensitive',
    ]);
    assert.deepEqual(classes(usual, 'lei'), []);
    assert.deepEqual(classes(await types('--policy', file), 'email'), ['pipl_sensitive']);
  });

  test('what explains nothing is refused', async () => {
    for (const args of [['--show-values'], ['--groups', 'x'], ['--explain', '--groups', 'x']]) {
      const { code } = await run(menshen, ['scan', ...args], { input: '' });
      assert.equal(code, 2, args.join(' '));
    }
  });
});
