// The types of a policy's own: from the request and the stream to the record and the metric, over a
// reload, and on the command line.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apis, chatBody, chatChoice, chatDelta, chatStop, done } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway, menshen, policy, redact, refuse } from '../support/gateway.mjs';
import { run, until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { RawConnection, send } from '../support/raw.mjs';

const staff = {
  name: 'employee_no',
  category: 'pii',
  description: 'Staff numbers',
  pattern: '\\bE\\d{7}\\b',
  validator: 'luhn',
  confidence: 0.6,
  context: { words: ['工号', 'staff no'], confidence: 0.95 },
  examples: { match: ['工号：E1234566'], no_match: ['E1234567', 'AE1234566'] },
};
const projects = {
  name: 'project_name',
  category: 'secret',
  words: ['猎鹰计划', 'Project Falcon'],
};
const rules = (recognizers, content) => policy({ recognizers, content });
const guarding = [
  redact('staff-hidden', 'both', { types: ['employee_no'] }),
  refuse('projects-stay', 'request', { categories: ['secret'] }),
];
const contentOf = (bytes) =>
  [...bytes.toString().matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]).join('');

describe("a policy's own recognizers", () => {
  let provider;
  let gateway;
  let answer = 'Good day.';
  before(async () => {
    provider = await Provider.start();
    provider.handler = (request, reply) =>
      reply.json(200, chatBody([chatChoice({ content: answer })]));
    gateway = await Gateway.start({
      upstream: provider.url,
      policy: rules([staff, projects], guarding),
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const bodyOf = (content, more = {}) =>
    JSON.stringify({ ...apis.chat.base, messages: [{ role: 'user', content }], ...more });
  const ask = (content) => send(gateway, apis.chat.path, bodyOf(content));
  const received = () => JSON.parse(provider.requests.at(-1).body).messages[0].content;
  const count = (event) => gateway.process.output.split(`"event":"${event}"`).length - 1;
  const reload = async (text, event = 'reloaded') => {
    await gateway.write('policy.yaml', text);
    const before = count(event);
    gateway.process.kill('SIGHUP');
    await until(`the log says ${event}`, () => count(event) > before);
  };
  // A stream whose provider writes when it is told.
  const openStream = async () => {
    let opened;
    const writing = new Promise((resolve) => {
      opened = resolve;
    });
    const usual = provider.handler;
    provider.handler = (request, reply) => {
      provider.handler = usual;
      reply.stream();
      opened(reply);
    };
    const body = bodyOf('Good day.', { stream: true });
    const connection = await RawConnection.open(gateway.port);
    const head = [
      `POST ${apis.chat.path} HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${gateway.key}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    connection.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    return { connection, reply: await writing };
  };
  const end = async ({ connection, reply }) => {
    await reply.write(chatStop() + done);
    reply.end();
    const whole = await connection.response();
    connection.close();
    return contentOf(whole.body);
  };

  test('are redacted both ways, and named by records and metrics', async () => {
    answer = 'Ask E1234566 or Ｅ２０４８１５５.';
    const response = await ask('工号：E1234566，旧号E1234567。');
    assert.equal(received(), '工号：[EMPLOYEE_NO]，旧号E1234567。');
    const text = JSON.parse(response.body).choices[0].message.content;
    assert.equal(text, 'Ask [EMPLOYEE_NO] or [EMPLOYEE_NO].');
    assert.equal(response.headers['x-menshen-redactions'], 'employee_no=3');
    const outcome = await outcomeOf(gateway, response.headers['x-menshen-exchange']);
    const [asked] = outcome.findings_request;
    assert.deepEqual([asked.type, asked.confidence, asked.action], ['employee_no', 95, 'redact']);
    assert.equal(outcome.findings_response[0].type, 'employee_no');
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(metrics, /^menshen_findings_total\{.*type="employee_no".*\} 2$/m);
  });

  test('are refused by their category, and the error names the type', async () => {
    const response = await ask('What is PROJECT  falcon about?');
    assert.equal(response.status, 403);
    assert.match(response.body.toString(), /project_name/);
    assert.equal((await ask('猎鹰计划何时开始？')).status, 403);
    assert.equal((await ask('Project Falconry is a sport.')).status, 200);
  });

  test('are redacted in a stream, wherever it is cut', async () => {
    const stream = await openStream();
    for (const piece of ['Staff no. E1', '2345', '66, and ', 'E2048155', '.']) {
      await stream.reply.write(chatDelta({ content: piece }));
    }
    assert.equal(await end(stream), 'Staff no. [EMPLOYEE_NO], and [EMPLOYEE_NO].');
  });

  test('come and go with a reload, and stay for a stream that is open', async () => {
    const stream = await openStream();
    await stream.reply.write(chatDelta({ content: 'Ask E12' }));
    const badges = { name: 'badge_no', category: 'pii', pattern: '\\bB-\\d{5}\\b' };
    await reload(rules([badges], [redact('badges', 'both', { types: ['badge_no'] })]));
    answer = 'Good day.';
    assert.equal((await ask('E1234566 has B-12345; Project Falcon.')).status, 200);
    assert.equal(received(), 'E1234566 has [BADGE_NO]; Project Falcon.');
    await stream.reply.write(chatDelta({ content: '34566 about B-12345.' }));
    assert.equal(await end(stream), 'Ask [EMPLOYEE_NO] about B-12345.');
    await reload(policy());
    await ask('B-12345');
    assert.equal(received(), 'B-12345');
    await reload(rules([staff, projects], guarding));
    await ask('E1234566');
    assert.equal(received(), '[EMPLOYEE_NO]');
  });

  test('that fail their examples are not loaded', async () => {
    const wrong = { ...staff, examples: { match: ['E1234567'] } };
    await reload(rules([wrong], guarding.slice(0, 1)), 'reload_refused');
    assert.match(gateway.process.output, /recognizers\[0\]\.examples\.match\[0\]/);
    await ask('E1234566');
    assert.equal(received(), '[EMPLOYEE_NO]');
    await gateway.write('policy.yaml', rules([staff, projects], guarding));
  });

  test('are found by the commands', async () => {
    const file = `${gateway.folder}/policy.yaml`;
    const scan = (...args) =>
      run(menshen, ['scan', '--policy', file, ...args], {
        input: `${JSON.stringify({ text: '工号E1234566，猎鹰计划，a@b.example' })}\n`,
      });
    const { findings } = JSON.parse((await scan()).stdout);
    assert.deepEqual(
      findings.map(({ type, category }) => [type, category]),
      [
        ['employee_no', 'pii'],
        ['project_name', 'secret'],
        ['email', 'pii'],
      ],
    );
    assert.match((await scan('--types')).stdout, /^employee_no\tpii\tStaff numbers$/m);
    const named = JSON.parse((await scan('--types', '--json')).stdout);
    assert.ok(named.some(({ tag }) => tag === 'PROJECT_NAME'));
    const options = ['--groups', 'demo', '--model', 'm', '--text', 'Project Falcon', '--json'];
    const explained = await run(menshen, ['policy', 'explain', file, ...options]);
    const [effect] = JSON.parse(explained.stdout).content.effects;
    assert.deepEqual([effect.type, effect.rule], ['project_name', 'projects-stay']);
    const missing = await run(menshen, ['scan', '--policy', `${file}.none`]);
    assert.equal(missing.code, 1);
  });
});
