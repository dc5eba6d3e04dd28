// Writes testdata/vectors.jsonl: texts and the tokens that gpt-tokenizer 4.0.0 makes of them.
//
//   node vectors.mjs package > testdata/vectors.jsonl      (package: as of vocabularies.mjs)
//
// Left out is where its JavaScript differs from tiktoken: U+0085 and U+FEFF, which are blanks in
// one of them alone, and the long s in a contraction.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const whole = [
  '', 'a', ' ', '  ', '\n', '\r\n', ' \n ', '\t\t', '   \n\n   ', 'x   y', 'x \n  y', 'x\n', 'x  ',
  'Hello, world!', "I'm sure they'll say it's we've, you'd, they're, DON'T, YOU'LL, 'tis, o'clock",
  '0', '12', '123', '1234', '1234567', '١٢٣٤', '½ ⅷ ²', 'a1b22c333d4444',
  '我的电话是13812345678，请尽快联系我。', '東京は日本の首都です。', '대한민국의 수도는 서울입니다.',
  'Привет, мир! Как дела?', 'Γειά σου Κόσμε', 'مرحبا بالعالم', 'שלום עולם', 'สวัสดีชาวโลก',
  'नमस्ते दुनिया', 'e\u0301te\u0301 A\u0308rger', '\u0301\u0302', '!\u0301 a', 'ǅabc ǅ',
  '😀😃👨‍👩‍👧‍👦🇩🇪🏳️‍🌈', '👍🏽 ok', 'CamelCaseWords HTTPServer XMLHttpRequest iPhone ABCdef',
  'for (int i = 0; i < n; ++i) {\n    sum += a[i];\n}\n', 'def f(x):\n\treturn x ** 2  # square\n',
  'https://example.com/a/b?c=d&e=%20f#g', '{"key": [1, 2.5, null, true]}', '----\n====\n',
  '//\n// comment\n///', '...!!!???\n\n', '\u00a0\u3000\u2003', '\u2028x\u2029', '<|endoftext|>',
  'a<|im_start|>b', 'ʰʷ ªº', 'ĲĳŒœ ßẞ', '\u0000\u0001\u007f', 'naïve café ﬁ Å', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐐀𐐨',
  'a'.repeat(300), ' '.repeat(200), '\n'.repeat(50), '好'.repeat(100), '='.repeat(120),
  '9'.repeat(50),
];

const atoms = [
  ' ', ' ', ' ', '  ', '\n', '\r\n', '\t', 'the', 'The', 'THE', 'Phone', 'error', "'s", "'LL",
  "'", '"',
  '13812345678', '7', '42', '२', '½', '.', ',', '/', '//', '_', '-', '(', ')', '{}', '=>', '我们',
  '的', '数据', 'ありがとう', '안녕', 'мир', 'МИР', 'é', 'e\u0301', '\u0308', 'ʰ', 'ǅ', '😀', '👩‍💻', '\u00a0',
  'ﬀ', 'İ', 'ß', 'x', 'XyZ', 'abcABC', '中A', 'A中', '!', '?!',
];

function* texts() {
  yield* whole;
  let state = 1;
  const next = (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % bound;
  };
  for (let i = 0; i < 400; ++i) {
    let text = '';
    for (let count = 1 + next(14); count > 0; --count) text += atoms[next(atoms.length)];
    yield text;
  }
}

for (const name of ['cl100k_base', 'o200k_base']) {
  const file = pathToFileURL(resolve(process.argv[2], 'esm/encoding', `${name}.js`));
  const { encode } = await import(file);
  for (const text of texts()) {
    const ids = encode(text, { disallowedSpecial: new Set() });
    process.stdout.write(`${JSON.stringify({ encoding: name, text, ids })}\n`);
  }
}
