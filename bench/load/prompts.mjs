// What is asked: chats of a size, as the OpenAI SDK sends them, clean or with four values.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const prose = 'The minutes of the last meeting say who was there and what was decided on it. ';
const withValues =
  'Write to zhang.wei@example.org or call +1 415-555-0132; the card is 4539 1488 0343 6467, ' +
  'SSN 536-22-8734. ';

// Each stands in the text above, and none may reach the core or stand in an answer where a policy
// redacts personal data. Patterns of other gateways know them too.
export const canaries = [
  'zhang.wei@example.org',
  '+1 415-555-0132',
  '4539 1488 0343 6467',
  'SSN 536-22-8734',
];

// Most of the text is a source, so that an answer has a grounding score where a rule asks for it.
function body(kind, bytes) {
  const make = (filling) => {
    const opening = kind === 'values' ? withValues : '';
    const text = `${opening}<context>${filling}</context> What was decided?`;
    return JSON.stringify({
      // The demo core looks for the canaries in requests for this model, and answers with them.
      model: kind === 'values' ? 'demo-values' : 'demo-1',
      messages: [
        { role: 'system', content: 'You are brief.' },
        { role: 'user', content: text },
      ],
      temperature: 0.2,
    });
  };
  const room = bytes - make('').length;
  return make(prose.repeat(room / prose.length + 1).slice(0, room));
}

// A file for the load generator, a body of `bytes` a line. kind: clean, values.
export async function writeBodies(folder, kind, bytes) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `bodies-${kind}-${bytes}`);
  await writeFile(file, `${body(kind, bytes)}\n`);
  return file;
}
