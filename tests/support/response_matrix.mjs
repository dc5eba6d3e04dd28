// The cases of the position matrix for answers: texts with a value in them, and ways to cut them.
import { inSource, mobile, printedJson, specimens, spellings } from './specimens.mjs';

const wrap = {
  text: (value) => `please reach ${value} today`,
  loose: (value) => `please reach ${value} today`,
  json: (value) => `{"to": "please reach ${value} today", "count": 2}`,
};

const wrapText = (kind, text) => wrap[kind](kind === 'json' ? inSource(text, 1) : text);

// { value, text, after }: `text` holds the value, `after` is what a client must get instead.
export function* wholeCases(kind) {
  for (const { value, tag } of specimens) {
    yield { value, text: wrap[kind](value), after: wrap[kind](tag) };
  }
  for (const name of ['with full-width characters', 'as tags', 'with a line separator inside']) {
    const written = spellings[name](mobile.value);
    yield { value: mobile.value, text: wrap[kind](written), after: wrap[kind](mobile.tag) };
  }
  for (const { value, text, after } of printedJson) {
    yield { value, text: wrapText(kind, text), after: wrapText(kind, after) };
  }
}

// The text in two pieces, cut before, at every place inside, and after the value; in single
// characters; and in one piece.
export function* cuts({ text, value, written = value }) {
  const begin = text.indexOf(written);
  for (let at = begin; at <= begin + written.length; at += 1) {
    yield [text.slice(0, at), text.slice(at)];
  }
  yield [...text];
  yield [text];
}

// `before`: what may be released at most when the value is refused.
export function* streamCases(kind) {
  for (const { value, tag } of specimens) {
    const text = wrap[kind](value);
    yield { value, text, after: wrap[kind](tag), before: text.slice(0, text.indexOf(value)) };
  }
  const { value, tag } = mobile;
  for (const name of ['sans-serif circled digits', 'with a next-line control inside']) {
    const written = spellings[name](value);
    const text = wrap[kind](written);
    const before = text.slice(0, text.indexOf(written));
    yield { value, written, text, after: wrap[kind](tag), before };
  }
  const number = '13812345678';
  const json = printedJson.find(({ text }) => text.includes(`\\"n\\":${number}`));
  const text = wrapText(kind, json.text);
  const before = text.slice(0, text.indexOf(number));
  yield { value, written: number, text, after: wrapText(kind, json.after), before };
}
