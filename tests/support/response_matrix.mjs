// The cases of the position matrix for answers: texts with a value in them, and ways to cut them.
import { mobile, specimens, spellings } from './specimens.mjs';

const wrap = {
  text: (value) => `please reach ${value} today`,
  loose: (value) => `please reach ${value} today`,
  json: (value) => `{"to": "please reach ${value} today", "count": 2}`,
};

// { value, text, after }: `text` holds the value, `after` is what a client must get instead.
export function* wholeCases(kind) {
  for (const { value, tag } of specimens) {
    yield { value, text: wrap[kind](value), after: wrap[kind](tag) };
  }
  const written = spellings['with full-width characters'](mobile.value);
  yield { value: mobile.value, text: wrap[kind](written), after: wrap[kind](mobile.tag) };
}

// The text in two pieces, cut before, at every place inside, and after the value; in single
// characters; and in one piece.
export function* cuts({ text, value }) {
  const begin = text.indexOf(value);
  for (let at = begin; at <= begin + value.length; at += 1) {
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
}
