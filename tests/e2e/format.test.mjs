// audit/FORMAT.md alone: its example is taken from the page and read by log.mjs, which was written
// after the page; what the page says of torn, old and damaged frames is done to the example.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import * as log from '../support/log.mjs';

const audit = new URL('../../audit/', import.meta.url);
const page = await readFile(new URL('FORMAT.md', audit), 'utf8');
const schema = JSON.parse(await readFile(new URL('record.schema.json', audit), 'utf8'));
const example = page.slice(page.indexOf('\n## A log in full'));
const hex = (bytes) => bytes.toString('hex');

const blocks = [...example.matchAll(/```\n([^]*?)```/g)].map(([, text]) => text);
const bodies = blocks.filter((text) => /^\{.*"v":1.*\}\n$/.test(text)).map((text) => text.trim());
const beside = page.slice(
  page.indexOf('\n## Records of released statistics'),
  page.indexOf('\n## Tree'),
);
const besideBodies = [...beside.matchAll(/^\{.*"v":1.*\}$/gm)].map(([text]) => text);
const sampled = page.slice(page.indexOf('\n### Sampled scores'), page.indexOf('\n### Commitments'));
const ofSample = [...sampled.matchAll(/^\{.*"v":1.*\}$/gm)].map(([text]) => text);
const leaves = [...example.matchAll(/^`([0-9a-f]{64})`$/gm)].map(([, digits]) => digits);
const headers = [...example.matchAll(/^(f76d[0-9a-f]{124})$/gm)].map(([, digits]) => digits);
const heads = blocks.filter((text) => /^\S+\n\d+\n\S+\n\n\u2014 /.test(text));
const vkey = /^\S+\+[0-9a-f]{8}\+\S+$/m.exec(example.replace(/^PRIVATE.*$/m, ''))[0];
const cell = (name) => new RegExp(`\`${name}\`[^|]*\\| \`?([^ \`|]+)`).exec(example)[1];
const row = (file) => {
  const [, bytes, digest] = new RegExp(`\`${file}\`[^|]*\\| (\\d+) \\| \`(\\w+)\``).exec(example);
  return { bytes: Number(bytes), digest };
};
const u16 = (number) => Buffer.from([number >> 8, number & 255]);

// The frames: their headers are the page's, and say which records and head are theirs.
const frames = headers.map((digits) => {
  const header = Buffer.from(digits, 'hex');
  const first = Number(header.readBigUInt64BE(8));
  const own = bodies.slice(first, first + header.readUInt32BE(16)).map((text) => Buffer.from(text));
  const head = header.readUInt32BE(24) > 0 ? heads[first === 0 ? 0 : 1] : '';
  return Buffer.concat([
    header,
    ...own.map(log.leafHash),
    ...own.flatMap((body) => [u16(body.length), body]),
    Buffer.from(head),
  ]);
});
const segment = Buffer.concat(frames);

describe('the page of the format', () => {
  let store;
  before(async () => {
    store = await mkdtemp(join(tmpdir(), 'menshen-format-'));
  });
  after(() => rm(store, { recursive: true }));

  // The log that two segments, and bundles, make.
  async function read(first, second = Buffer.alloc(0), bundles = {}) {
    await rm(join(store, 'log'), { recursive: true, force: true });
    await writeFile(join(store, 'segment.0'), Buffer.concat([first, Buffer.alloc(1000)]));
    await writeFile(join(store, 'segment.1'), Buffer.concat([second, Buffer.alloc(1000)]));
    for (const [path, bytes] of Object.entries(bundles)) {
      await mkdir(dirname(join(store, 'log', path)), { recursive: true });
      await writeFile(join(store, 'log', path), bytes);
    }
    const found = await log.readLog(store);
    return { ...found, texts: found.bodies.map(String) };
  }

  test('shows a record of each type, in canonical form, of the schema', () => {
    const validate = new Ajv({ strictTypes: false }).compile(schema);
    const shown = [...bodies, ...besideBodies, ...ofSample];
    const types = shown.map((text) => JSON.parse(text).type);
    assert.deepEqual([...types].sort(), [...schema.properties.type.enum].sort());
    for (const text of shown) {
      const record = JSON.parse(text);
      assert.ok(validate(record), JSON.stringify(validate.errors));
      assert.equal(JSON.stringify(record), text);
      for (const object of [record, record.privacy ?? {}, record.change ?? {}]) {
        assert.deepEqual(Object.keys(object), Object.keys(object).sort());
      }
    }
    for (const [seq, text] of bodies.entries()) {
      assert.equal(JSON.parse(text).seq, seq);
      assert.equal(hex(log.leafHash(Buffer.from(text))), leaves[seq]);
    }
  });

  test('its outcome says only what its intent does not', () => {
    const [intent, outcome] = bodies.slice(2, 4).map((text) => JSON.parse(text));
    const whole = log.wholeRecords(bodies)[3];
    for (const name of Object.keys(intent)) {
      const own = ['decision', 'exchange', 'seq', 'time', 'type', 'v'].includes(name);
      assert.equal(name in outcome, own, name);
      if (!own) assert.deepEqual(whole[name], intent[name], name);
    }
    assert.equal(whole.path, '/v1/chat/completions');
    assert.equal(whole.upstream_model, 'qwen3-32b');
    const other = bodies[3].replace('"intent":2', '"intent":1');
    assert.throws(() => log.wholeRecords([...bodies.slice(0, 3), other]), /refers to 1/);
  });

  test('its outcome refers to the detectors that were brought into force', () => {
    const [start, policy, , outcome] = bodies.map((text) => JSON.parse(text));
    const digest = hex(log.sha256(Buffer.from(start.detectors))).slice(0, 12);
    for (const record of [start, policy, outcome]) assert.equal(record.catalog, digest);
  });

  // The column "in" of the table of fields.
  test('gives every field the types that the schema gives it', () => {
    const letters = {
      intent: 'I',
      outcome: 'O',
      correction: 'C',
      refusals: 'R',
      of_process: 'P',
      of_statistics: 'S',
      of_sample: 'M',
      key: 'K',
      publishing: 'H',
      credential: 'A',
      state: 'T',
    };
    const allowed = (name, definition) => {
      const { enum: some, not } = schema.$defs[definition].propertyNames;
      return some ? some.includes(name) : !not.enum.includes(name);
    };
    const fields = page.slice(page.indexOf('\n### Fields'), page.indexOf('\n### Commitments'));
    const rows = [...fields.matchAll(/^\| `(\w+)` \| \w+ \| ?([A-Za-z ]*?) ?\|/gm)];
    assert.equal(rows.length, Object.keys(schema.properties).length);
    for (const [, name, types] of rows) {
      const stated = types === 'all' ? Object.values(letters).join(' ') : types;
      const given = Object.keys(letters).filter((definition) => allowed(name, definition));
      assert.equal(stated, given.map((definition) => letters[definition]).join(' '), name);
    }
  });

  test('names the reasons why an answer ends', () => {
    const [, listed] = /`incomplete_details`: ([^]*?); any other is/.exec(page);
    const words = [...listed.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    assert.deepEqual([...words, '(other)'], schema.$defs.finish.enum);
    assert.deepEqual(words, [...words].sort());
  });

  test('the schema refuses what is no record of the type', () => {
    const validate = new Ajv({ strictTypes: false }).compile(schema);
    const intent = JSON.parse(bodies[2]);
    for (const change of [
      { status: 200 },
      { subject: undefined },
      { attempts: -1 },
      { attempts: '1' },
      { exchange: 'e' },
      { decision: 'error' },
      { time: '2026-11-22T02:33:18Z' },
      { other: 1 },
      { v: 2 },
      { intent: 1 },
      { policy: '0'.repeat(64) },
    ]) {
      const record = JSON.parse(JSON.stringify({ ...intent, ...change }));
      assert.equal(validate(record), false, JSON.stringify(change));
    }
    const alone = JSON.parse(JSON.stringify({ ...JSON.parse(bodies[3]), intent: undefined }));
    assert.equal(validate(alone), false, 'an outcome that leaves out what no intent says');
  });

  test('its formulas give its commitments and pseudonyms', () => {
    const keyAndSalt = blocks.find((text) => /^[0-9a-f]{64}\n[0-9a-f]{64}\n$/.test(text));
    const [key, salt] = keyAndSalt.split('\n').map((digits) => Buffer.from(digits, 'hex'));
    const outcome = log.wholeRecords(bodies)[3];
    assert.deepEqual(createHmac('sha256', key).update(outcome.exchange).digest(), salt);
    const contents = blocks.find((text) => text.includes('"messages"')).trim().split('\n');
    const names = ['request', 'forwarded', 'response'].map((name) => `${name}_commitment`);
    for (const [i, name] of names.entries()) {
      assert.equal(log.sha256(salt, contents[i]).toString('base64url'), outcome[name]);
      assert.equal(cell(name), outcome[name]);
    }
    assert.equal(outcome.released_commitment, outcome.response_commitment);
    assert.equal(JSON.parse(ofSample[0]).exchange, outcome.exchange);
    assert.equal(outcome.request_bytes, Buffer.byteLength(contents[0]));
    for (const [, address, digits] of example.matchAll(/`client` for (\S+) \| `(\w+)`/g)) {
      const code = createHmac('sha256', key).update(`client\n${address}`).digest();
      assert.equal(hex(code.subarray(0, 8)), digits);
      assert.ok(bodies.some((text) => JSON.parse(text).client === digits));
    }
  });

  test('its files are those that its parts make', async () => {
    const entries = Buffer.concat(
      bodies.flatMap((text) => [u16(Buffer.byteLength(text)), Buffer.from(text)]),
    );
    const hashes = Buffer.concat(leaves.map((digits) => Buffer.from(digits, 'hex')));
    for (const [file, bytes] of [
      ['segment.0', segment],
      ['log/tile/entries/000.p/8', entries],
      ['log/tile/0/000.p/8', hashes],
    ]) {
      assert.deepEqual(row(file), { bytes: bytes.length, digest: hex(log.sha256(bytes)) }, file);
    }
    assert.equal(`log/${log.bundlePath(0, 8)}`, 'log/tile/entries/000.p/8');
    assert.equal(log.tilePath(2, 1234067), 'tile/2/x001/x234/067');
  });

  test('its heads are signed, over the records', async () => {
    const found = await read(segment);
    assert.deepEqual(found.texts, bodies);
    assert.deepEqual(found.heads, [heads[1]]);
    const key = log.parseVkey(vkey);
    for (const head of heads) {
      const { origin, size, root } = log.openHead(head, key);
      assert.equal(origin, key.name);
      assert.deepEqual(root, log.treeRoot(found.bodies.slice(0, size).map(log.leafHash)));
      const other = head.replace(/\n\d+\n/, '\n3\n');
      assert.throws(() => log.openHead(other, key), /has not signed/);
    }
    const published = `${heads[0]}\n${heads[1].slice(0, 60)}\n\n\n${heads[1]}\n`;
    assert.deepEqual(log.splitHeads(published), heads);
  });

  test('the log goes on in the other segment, over the rest of older frames', async () => {
    const older = Buffer.concat(frames.slice(0, 3));
    const newer = Buffer.concat(frames.slice(3));
    assert.deepEqual((await read(newer, older)).texts, bodies);
    assert.deepEqual((await read(older, newer)).texts, bodies);
    // Frames of a former round stand behind, whole and cut.
    const rest = Buffer.concat([frames[1], frames[3].subarray(40), frames[4], frames[2]]);
    assert.deepEqual((await read(older, Buffer.concat([newer, rest]))).texts, bodies);
  });

  test('a torn last frame is no part of it, wherever it was torn', async () => {
    const last = frames.at(-1);
    const sound = Buffer.concat(frames.slice(0, 4));
    const recordsEnd = last.length - Buffer.byteLength(heads[1]);
    for (let end = 0; end <= last.length; end += 1) {
      const torn = Buffer.concat([sound, last.subarray(0, end), Buffer.alloc(last.length - end)]);
      const whole = end >= recordsEnd;
      const found = await read(torn);
      assert.deepEqual(found.texts, whole ? bodies : bodies.slice(0, 4), `cut at ${end}`);
      assert.equal(found.heads.length, end === last.length ? 1 : 0, `cut at ${end}`);
    }
  });

  test('a frame that is damaged with later ones behind it is told', async () => {
    const damaged = Buffer.from(segment);
    damaged[segment.indexOf('"intent"')] ^= 1;
    await assert.rejects(read(damaged), /missing/);
    await assert.rejects(read(Buffer.concat(frames.slice(3)), frames[0]), /missing/);
  });

  test('full bundles come first, and frames go on where they end', async () => {
    const filler = Array.from({ length: 256 }, (_, seq) => Buffer.from(`{"seq":${seq}}`));
    const bundle = Buffer.concat(filler.flatMap((body) => [u16(body.length), body]));
    const tile = Buffer.concat(filler.map(log.leafHash));
    const next = Buffer.from('{"seq":256}');
    const own = [filler[255], next];
    const header = Buffer.from(headers[1], 'hex');
    header.writeBigUInt64BE(255n, 8);
    header.writeUInt32BE(2, 16);
    header.writeUInt32BE(own[0].length + own[1].length + 4, 20);
    log.treeRoot([...filler, next].map(log.leafHash)).copy(header, 32);
    const frame = Buffer.concat([
      header,
      ...own.map(log.leafHash),
      ...own.flatMap((body) => [u16(body.length), body]),
    ]);
    const files = { [log.bundlePath(0)]: bundle, [log.tilePath(0, 0)]: tile };
    const found = await read(frame, Buffer.alloc(0), files);
    assert.deepEqual(found.texts, [...filler, next].map(String));
    // Until tile/0/000 stands, the bundle does not count.
    const early = { [log.bundlePath(0)]: bundle };
    await assert.rejects(read(frame, Buffer.alloc(0), early), /missing/);
  });
});
