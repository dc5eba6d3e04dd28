// The audit log's files, read and checked as audit/FORMAT.md has them and in no other way: nothing
// of the gateway is used, nor any library.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const bundleRecords = 256;
const hashBytes = 32;
const headerBytes = 64;
const magic = Buffer.from('f76d656e73686501', 'hex');
const attempts = 20;

export const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const leafHash = (body) => sha256(Buffer.from([0]), body);
export const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);

// The largest power of two below `count`.
const split = (count) => 2 ** Math.floor(Math.log2(count - 1));

// RFC 9162 section 2.1.1, over the hashes of leaves.
export function treeRoot(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const left = split(leaves.length);
  return nodeHash(treeRoot(leaves.slice(0, left)), treeRoot(leaves.slice(left)));
}

// RFC 9162 section 2.1.3.1: the hashes that lead from leaf `index` to the root, the lowest first.
export function inclusionProof(index, leaves) {
  if (leaves.length === 1) return [];
  const at = split(leaves.length);
  const [left, right] = [leaves.slice(0, at), leaves.slice(at)];
  return index < at
    ? [...inclusionProof(index, left), treeRoot(right)]
    : [...inclusionProof(index - at, right), treeRoot(left)];
}

// A tree that grows at its right end: the roots of its perfect subtrees, the largest first.
class Frontier {
  constructor() {
    this.size = 0;
    this.peaks = [];
  }
  append(leaf) {
    let hash = leaf;
    for (let n = this.size; n % 2 === 1; n = (n - 1) / 2) hash = nodeHash(this.peaks.pop(), hash);
    this.peaks.push(hash);
    this.size += 1;
  }
  get root() {
    if (this.size === 0) return sha256();
    return this.peaks.reduceRight((hash, peak) => nodeHash(peak, hash));
  }
}

// "x001/x234/067", and ".p/W" for a bundle or tile that is not full.
function indexPath(index, width) {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return width === bundleRecords ? path : `${path}.p/${width}`;
}
export const tilePath = (level, index, width = bundleRecords) =>
  `tile/${level}/${indexPath(index, width)}`;
export const bundlePath = (index, width = bundleRecords) =>
  `tile/entries/${indexPath(index, width)}`;

// The bodies of a bundle or a frame; null when a length leads past the end.
export function splitEntries(bytes) {
  const bodies = [];
  for (let at = 0; at < bytes.length; ) {
    const begin = at + 2;
    if (begin > bytes.length) return null;
    at = begin + bytes.readUInt16BE(begin - 2);
    if (at > bytes.length) return null;
    bodies.push(bytes.subarray(begin, at));
  }
  return bodies;
}

export function splitHashes(bytes) {
  const hashes = [];
  for (let at = 0; at < bytes.length; at += hashBytes) {
    hashes.push(bytes.subarray(at, at + hashBytes));
  }
  return hashes;
}

// The frame at `at`; null when none stands there.
export function frameAt(segment, at) {
  if (segment.length - at < headerBytes || !segment.subarray(at, at + 8).equals(magic)) return null;
  const first = Number(segment.readBigUInt64BE(at + 8));
  const [records, entriesBytes, noteBytes, noteCheck] = [16, 20, 24, 28].map((field) =>
    segment.readUInt32BE(at + field),
  );
  const hashesAt = at + headerBytes;
  const entriesAt = hashesAt + records * hashBytes;
  const noteAt = entriesAt + entriesBytes;
  const end = noteAt + noteBytes;
  if (!Number.isSafeInteger(first) || end > segment.length) return null;
  const note = segment.subarray(noteAt, end);
  const noteIsWhole = noteBytes > 0 && sha256(note).readUInt32BE(0) === noteCheck;
  return {
    at,
    end,
    first,
    records,
    root: segment.subarray(at + 32, at + headerBytes),
    hashes: splitHashes(segment.subarray(hashesAt, entriesAt)),
    entriesAt,
    bodies: splitEntries(segment.subarray(entriesAt, noteAt)),
    note: noteIsWhole ? note.toString() : null,
  };
}

// The frames of a segment that belong together: from its begin, each going on where the one before
// ends.
export function chain(segment) {
  const frames = [];
  for (let frame = frameAt(segment, 0); frame; frame = frameAt(segment, frame.end)) {
    const before = frames.at(-1);
    if (before && frame.first !== before.first + before.records) break;
    frames.push(frame);
  }
  return frames;
}

// The frame's records have the hashes that stand with them, and lead `tree` to its root.
function joins(tree, frame) {
  if (frame.bodies?.length !== frame.records) return false;
  const leaves = frame.bodies.map(leafHash);
  if (!leaves.every((leaf, i) => leaf.equals(frame.hashes[i]))) return false;
  const grown = Object.assign(new Frontier(), { size: tree.size, peaks: [...tree.peaks] });
  leaves.forEach((leaf) => grown.append(leaf));
  if (!grown.root.equals(frame.root)) return false;
  Object.assign(tree, grown);
  return true;
}

const readOr = (path, otherwise) =>
  readFile(path).catch((error) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  });

async function readBundles(store) {
  const bodies = [];
  for (let index = 0; ; index += 1) {
    const tile = await readOr(join(store, 'log', tilePath(0, index)), null);
    if (!tile) return bodies;
    const bundle = splitEntries(await readFile(join(store, 'log', bundlePath(index))));
    if (bundle?.length !== bundleRecords) throw new Error(`bundle ${index} is damaged`);
    bodies.push(...bundle);
  }
}

// What one look finds: null when a gateway was writing over a segment meanwhile.
async function lookAt(store) {
  const bodies = await readBundles(store);
  const sealed = bodies.length;
  const chains = [];
  for (const name of ['segment.0', 'segment.1']) {
    const frames = chain(await readFile(join(store, name)));
    if (frames.length > 0) chains.push(frames);
  }
  const endOf = ({ first, records }) => first + records;
  chains.sort((a, b) => a[0].first - b[0].first || endOf(a.at(-1)) - endOf(b.at(-1)));
  const due = chains.flat().filter((frame) => endOf(frame) > sealed);
  // Records of the first such frame may stand in a bundle too.
  const tree = new Frontier();
  const begin = Math.min(sealed, due[0]?.first ?? sealed);
  for (const body of bodies.slice(0, begin)) tree.append(leafHash(body));
  const heads = [];
  for (const frame of due) {
    if (frame.first !== tree.size) return null;
    // What a crash cut off is the last that was written.
    if (!joins(tree, frame)) return frame === due.at(-1) ? { bodies, heads } : null;
    bodies.push(...frame.bodies.slice(Math.max(0, bodies.length - frame.first)));
    if (frame.note) heads.push(frame.note);
  }
  return { bodies, heads };
}

// The bodies of all records, and the heads that stand behind the last full bundle. Whatever was
// durable before the call is among them, also while a gateway writes.
export async function readLog(store) {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await lookAt(store);
    if (found) return found;
  }
  throw new Error(`${store}: records are missing behind the bundles`);
}

// What `api` tells: operation and path.
const endpoints = {
  openai_chat: ['chat', '/v1/chat/completions'],
  openai_completions: ['completion', '/v1/completions'],
  openai_responses: ['chat', '/v1/responses'],
  openai_embeddings: ['embeddings', '/v1/embeddings'],
  anthropic_messages: ['chat', '/v1/messages'],
  anthropic_count_tokens: ['chat', '/v1/messages/count_tokens'],
  azure_chat: ['chat', '/openai/deployments/{model}/chat/completions'],
  azure_completions: ['completion', '/openai/deployments/{model}/completions'],
  azure_embeddings: ['embeddings', '/openai/deployments/{model}/embeddings'],
  ollama_chat: ['chat', '/api/chat'],
  ollama_generate: ['completion', '/api/generate'],
  ollama_tags: ['models', '/api/tags'],
  models: ['models', '/v1/models'],
  model: ['models', '/v1/models/'],
};

// The records of a log from its first one on, with what goes without saying in them.
export function wholeRecords(bodies) {
  const all = [];
  for (const body of bodies) {
    const own = JSON.parse(body);
    let record = { ...own };
    if (own.type === 'outcome' && own.intent !== undefined) {
      const { truncated, ...intent } = all[own.intent];
      if (intent.type !== 'intent' || intent.exchange !== own.exchange) {
        throw new Error(`record ${own.seq} refers to ${own.intent}`);
      }
      record = { ...intent, ...own };
    } else if (record.upstream && record.model) {
      record.upstream_model ??= record.model;
    }
    if (record.api) {
      [record.operation, record.path] = endpoints[record.api];
      record.method ??= 'POST';
    }
    if (own.type === 'intent' && record.request_commitment) {
      record.forwarded_commitment ??= record.request_commitment;
    }
    if (own.type === 'outcome' && record.response_bytes && record.response_commitment) {
      record.released_commitment ??= record.response_commitment;
    }
    const answered = own.intent !== undefined || (record.attempts && record.upstream);
    if (own.type === 'outcome' && record.complete && record.status && answered) {
      record.upstream_status ??= record.status;
    }
    if (record.rules) record.rules = record.rules.map((rule) => ({ count: 1, ...rule }));
    for (const [name, role] of [
      ['findings_request', 'user'],
      ['findings_response', 'assistant'],
    ]) {
      if (!Array.isArray(record[name])) continue;
      record[name] = record[name].map((group) => ({
        count: 1,
        ...(group.summed ? {} : { role }),
        ...group,
      }));
    }
    all.push(record);
  }
  return all;
}

// The heads of a file to which they were appended.
export function splitHeads(text) {
  const blocks = text.split(/\n\n+/);
  const heads = [];
  for (let i = 0; i + 2 < blocks.length; i += 1) {
    if (blocks[i + 1].startsWith('\u2014 ') && !blocks[i].startsWith('\u2014 ')) {
      heads.push(`${blocks[i]}\n\n${blocks[i + 1]}\n`);
    }
  }
  return heads;
}

// `type`: 1 signs heads, 4 cosigns them.
export function parseVkey(vkey, type = 1) {
  const [, name, id, base64] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)\s*$/.exec(vkey);
  const typed = Buffer.from(base64, 'base64');
  if (typed.length !== 33 || typed[0] !== type) throw new Error(`no Ed25519 key: ${vkey}`);
  const expected = sha256(`${name}\n`, typed).subarray(0, 4).toString('hex');
  if (id !== expected) throw new Error(`the key's id is ${expected}, not ${id}`);
  const x = typed.subarray(1).toString('base64url');
  return {
    name,
    id: Buffer.from(id, 'hex'),
    publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
  };
}

// The text of a note, and what the key's signature says behind its id; null where it has none.
function signatureOf(note, key) {
  const [text, signatures] = note.split(/(?<=\n)\n(?=\u2014 )/);
  for (const line of signatures.split('\n')) {
    const [, name, base64] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    const signature = Buffer.from(base64 ?? '', 'base64');
    if (name === key.name && signature.subarray(0, 4).equals(key.id)) {
      return { text, signature: signature.subarray(4) };
    }
  }
  return { text, signature: null };
}

// When the witness has cosigned a head, in seconds; null where it has not.
export function cosignedAt(note, vkey) {
  const key = parseVkey(vkey, 4);
  const { text, signature } = signatureOf(note, key);
  if (!signature) return null;
  const time = signature.readBigUInt64BE(0);
  const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
  if (signature.length !== 72 || !verify(null, message, key.publicKey, signature.subarray(8))) {
    throw new Error(`the cosignature is wrong:\n${note}`);
  }
  return Number(time);
}

// { origin, size, root } of a head that the key has signed.
export function openHead(note, key) {
  const { text, signature } = signatureOf(note, key);
  if (!signature || !verify(null, Buffer.from(text), key.publicKey, signature)) {
    throw new Error(`the key has not signed this head:\n${note}`);
  }
  const [, origin, size, root] = /^(\S+)\n(0|[1-9][0-9]*)\n(\S+)\n$/.exec(text);
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

// The verifier keys of a head over `size` records, as those records say; `first`: the key that the
// log began with.
export function keysInForce(bodies, size, first) {
  const changes = bodies.slice(0, size).map(String);
  const records = changes.filter((body) => body.includes('"type":"key"')).map(JSON.parse);
  return (records.at(-1)?.keys ?? [first]).map((vkey) => parseVkey(vkey));
}

// What an enemy does with an editor: bytes of record `seq` are others, wherever the record stands.
// `change` gets its text and gives one of the same length. Gives the files that were changed.
export async function alterRecord(store, seq, change) {
  const changed = [];
  const alter = async (name, find) => {
    const bytes = await readOr(join(store, name), Buffer.alloc(0));
    const body = find(bytes);
    if (!body) return;
    const other = Buffer.from(change(body.toString()));
    if (other.length !== body.length) throw new Error('the record would be of another length');
    other.copy(body);
    await writeFile(join(store, name), bytes);
    changed.push(name);
  };
  const index = Math.floor(seq / bundleRecords);
  await alter(join('log', bundlePath(index)), (bytes) => splitEntries(bytes)[seq % bundleRecords]);
  for (const name of ['segment.0', 'segment.1']) {
    await alter(name, (bytes) => {
      const holds = ({ first, records }) => seq >= first && seq < first + records;
      const frame = chain(bytes).find(holds);
      return frame?.bodies[seq - frame.first];
    });
  }
  return changed;
}
