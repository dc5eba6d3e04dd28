// The policies that Menshen is measured with.
import { readFile } from 'node:fs/promises';
import { policy } from '../../tests/support/gateway.mjs';

const template = new URL('../../deploy/templates/policy.yaml', import.meta.url);

const annotate = (id, direction, scores) => ({
  id,
  direction,
  find: { scores },
  then: { action: 'annotate' },
});

const onScores = [
  annotate('injection', 'request', { injection: { above: 0.8 } }),
  annotate('toxicity', 'both', { toxicity: { above: 0.8 } }),
  annotate('bias', 'response', { bias: { above: 0.8 } }),
  annotate('grounding', 'response', { grounding: { below: 0.2 } }),
];

// quickstart: personal data redacted both ways, secrets refused in requests and redacted in
// answers. scores: the same with rules on all four scores. bare: no rule on content; detectors run,
// for a record says what was found whatever a rule says of it.
export async function policies() {
  const quickstart = await readFile(template, 'utf8');
  const { content, ...bare } = policy();
  const rules = onScores.map((rule) => `  - ${JSON.stringify(rule)}\n`).join('');
  return {
    quickstart,
    scores: quickstart.replace('\ntests:', `\n${rules}tests:`),
    bare,
  };
}
