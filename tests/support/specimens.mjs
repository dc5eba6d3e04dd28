// Values that detectors must find, the ways in which they are written, and how a leak is seen.
// All are valid by their own checksums and belong to nobody: example.com (RFC 2606), a card number
// for tests (ISO/IEC 7812 check digit), the example of GB 11643.
import { generateKeyPairSync } from 'node:crypto';

export const mobile = { type: 'cn_mobile', value: '13812345678', tag: '[CN_MOBILE]' };
export const email = { type: 'email', value: 'li.lei@example.com', tag: '[EMAIL]' };
const card = { type: 'bank_card', value: '4111111111111111', tag: '[BANK_CARD]' };
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

// Digits that look like digits, each row from 0 to 9.
const digitRows = {
  'circled digits': '⓪①②③④⑤⑥⑦⑧⑨',
  'sans-serif circled digits': '🄋➀➁➂➃➄➅➆➇➈',
  'negative circled digits': '⓿❶❷❸❹❺❻❼❽❾',
  'digits in parentheses': '0⑴⑵⑶⑷⑸⑹⑺⑻⑼',
  'Hangzhou numerals': '〇〡〢〣〤〥〦〧〨〩',
  'digits with a comma': '🄁🄂🄃🄄🄅🄆🄇🄈🄉🄊',
};
const inDigits = (row) => (value) => everyCharacter(value, (c) => [...row][c] ?? c);
const plainDigits = new Map(
  Object.values(digitRows).flatMap((row) => [...row].map((c, digit) => [c, String(digit)])),
);
const asTag = (c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0));

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
  'as tags': (value) => everyCharacter(value, asTag),
  'with a tag inside': (value) => value.slice(0, 3) + asTag('x') + value.slice(3),
  'with a line separator inside': (value) => `${value.slice(0, 3)}\u2028${value.slice(3)}`,
  'with a next-line control inside': (value) => `${value.slice(0, 3)}\u0085${value.slice(3)}`,
  ...Object.fromEntries(Object.entries(digitRows).map(([name, row]) => [name, inDigits(row)])),
};

// Texts that hold JSON as programs print it, and what must stand there afterwards.
const printed = (value) => JSON.stringify(value).replace(/[\u0080-\uffff]/g, unicodeEscape);
const hidden = everyCharacter(mobile.value, unicodeEscape);
const note = unicodeEscape('备') + unicodeEscape('注');
const holding = ({ value, tag }, text, after) => ({ value, text, after: after(tag) });
export const printedJson = [
  holding(mobile, `{"${note}": "x", "n": 13812345678}`, (tag) => `{"${note}": "x", "n": "${tag}"}`),
  holding(mobile, `Result: {"t": "${hidden}"}`, (tag) => `Result: {"t": "${tag}"}`),
  holding(card, '\ufeff{"n": -4111111111111111.50e+3}', (tag) => `\ufeff{"n": "${tag}"}`),
  holding(
    { value: '1.3812345678e10', tag: mobile.tag },
    '结果：\n```json\n[1, 1.3812345678e10]\n```',
    (tag) => `结果：\n\`\`\`json\n[1, "${tag}"]\n\`\`\``,
  ),
  holding(
    email,
    ' {"to": "Li Lei \\u003cli.lei@example.com\\u003e"}',
    (tag) => ` {"to": "Li Lei \\u003c${tag}\\u003e"}`,
  ),
  holding(mobile, printed({ s: '[1, 13812345678]' }), (tag) => printed({ s: `[1, "${tag}"]` })),
  holding(
    mobile,
    printed({ s: printed({ 备注: '手机', n: 13812345678 }) }),
    (tag) => printed({ s: printed({ 备注: '手机', n: tag }) }),
  ),
  holding(
    mobile,
    '[13812345678](tel:13812345678) 或 [13812345678]，谢谢',
    (tag) => `[${tag}](tel:${tag}) 或 [${tag}]，谢谢`,
  ),
];

// A text in the source of a JSON string; depth 2: of a JSON text inside a JSON string.
export const inSource = (text, depth) => {
  const source = JSON.stringify(text).slice(1, -1);
  return depth === 1 ? source : inSource(source, depth - 1);
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
  [...text.replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))]
    .map((c) => plainDigits.get(c) ?? c)
    .join('')
    .normalize('NFKC')
    .replace(/[\u{e0030}-\u{e0039}]/gu, (c) => String.fromCharCode(c.codePointAt(0) - 0xe0000))
    .replace(/[\u0085\u00ad\u200b-\u200f\u2028\u2060\ufeff\u{e0000}-\u{e007f}]/gu, '')
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
  kind === 'loose' ? text.replace(/\\*"(\[[A-Z_]+\])\\*"/g, '$1') : text;
