// Values that detectors must find, the ways in which they are written, and how a leak is seen.
// All are valid by their own checksums and belong to nobody: example.com (RFC 2606), a card number
// for tests (ISO/IEC 7812 check digit), the example of GB 11643.
import { generateKeyPairSync } from 'node:crypto';

export const mobile = { type: 'cn_mobile', value: '13812345678', tag: '[CN_MOBILE]' };
export const email = { type: 'email', value: 'li.lei@example.com', tag: '[EMAIL]' };
export const card = { type: 'bank_card', value: '4111111111111111', tag: '[BANK_CARD]' };
export const resident = {
  type: 'cn_resident_id',
  value: '11010519491231002X',
  tag: '[CN_RESIDENT_ID]',
};
export const specimens = [mobile, email, card, resident];

export const privateKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
}).privateKey;

const everyCharacter = (text, change) => [...text].map(change).join('');
const unicodeEscape = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
const doubled = (text, depth) => (depth === 1 ? text : text.replaceAll('\\', '\\\\'));

// Ways of writing a value in the source of a JSON string; depth 2: of a JSON text inside a JSON
// string.
export const spellings = {
  'as it is': (value) => value,
  'with \\u escapes': (value, depth) => doubled(everyCharacter(value, unicodeEscape), depth),
  'with full-width characters': (value) =>
    everyCharacter(value, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  'with zero-width spaces inside': (value) => [...value].join('\u200b'),
  'with escaped zero-width spaces inside': (value, depth) =>
    [...value].join(doubled('\\u200b', depth)),
};

function* stringsIn(value) {
  if (typeof value === 'string') {
    yield value;
    let inner;
    try {
      inner = JSON.parse(value);
    } catch {
      return;
    }
    if (typeof inner === 'object') yield* stringsIn(inner);
    else yield String(inner);
  } else if (Array.isArray(value)) {
    for (const item of value) yield* stringsIn(item);
  } else if (value && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      yield key;
      yield* stringsIn(item);
    }
  } else {
    yield String(value);
  }
}

const folded = (text) =>
  text
    .normalize('NFKC')
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, '')
    .toLowerCase();

// True when the value can be read in these bytes, however it is written: in the text, in a string
// of its JSON or of its events' JSON, or in JSON inside such a string.
export function leaks(bytes, value) {
  const text = bytes.toString('utf8');
  const wanted = folded(value);
  if (folded(text).includes(wanted)) return true;
  const documents = [text, ...text.split('\n').map((line) => line.replace(/^data: ?/, ''))];
  for (const document of documents) {
    let parsed;
    try {
      parsed = JSON.parse(document);
    } catch {
      continue;
    }
    for (const string of stringsIn(parsed)) if (folded(string).includes(wanted)) return true;
  }
  return false;
}

// Quotes around a replacement are no difference in a text that only might be JSON.
export const unquoted = ({ kind }, text) =>
  kind === 'loose' ? text.replace(/\\?"(\[[A-Z_]+\])\\?"/g, '$1') : text;
