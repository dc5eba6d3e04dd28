// The cases of the position matrix for requests: bodies with a value written into each position.
import { apis } from './apis.mjs';
import { email, inSource, mobile, printedJson, specimens, spellings } from './specimens.mjs';

const mark = 'MARKMARK';
const sentence = `please reach ${mark} today`;
const contents = {
  text: sentence,
  loose: sentence,
  json: JSON.stringify({ to: sentence, count: 2, list: ['a'] }),
  number: mark,
  key: mark,
};

// The request with the mark in its place, as bytes are written.
export function template(api, { change, kind }, model, stream) {
  const flag = stream ? { stream } : {};
  const body = { ...apis[api].base, ...change(contents[kind]), model, ...flag };
  const text = JSON.stringify(body);
  return kind === 'number' ? text.replace(`"${mark}"`, mark) : text;
}

// Pairs of [what stands at the mark, what must stand there afterwards].
export function* cases({ kind }) {
  const depth = kind === 'json' ? 2 : 1;
  for (const { value, tag } of specimens) {
    if (kind !== 'number') yield { value, written: value, after: tag };
    else if (/^\d+$/.test(value)) yield { value, written: value, after: `"${tag}"` };
  }
  if (kind === 'number' || kind === 'key') return;
  for (const spell of Object.values(spellings)) {
    yield { value: mobile.value, written: spell(mobile.value, depth), after: mobile.tag };
  }
  for (const { value, text, after } of printedJson) {
    yield { value, written: inSource(text, depth), after: inSource(after, depth) };
  }
  const escaped = spellings['with \\u escapes'](email.value, depth);
  yield { value: email.value, written: escaped, after: email.tag };
  yield {
    value: mobile.value,
    written: `${mobile.value} or ${mobile.value}`,
    after: `${mobile.tag} or ${mobile.tag}`,
  };
  yield {
    value: mobile.value,
    written: `我的手机号是${mobile.value}，谢谢`,
    after: `我的手机号是${mobile.tag}，谢谢`,
  };
}

export const fill = (text, written) => text.replace(mark, () => written);
