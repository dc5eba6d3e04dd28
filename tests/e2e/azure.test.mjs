// Azure's paths: applications keep AzureOpenAI and change the endpoint, nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AzureOpenAI, BadRequestError, PermissionDeniedError } from 'openai';
import { apis } from '../support/apis.mjs';
import { outcomeOf } from '../support/evidence.mjs';
import { Gateway, policy, redact } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

const version = '2024-10-21';
const messages = [{ role: 'user', content: 'mail li.lei@example.com' }];
const deployment = /^\/openai\/deployments\/([^/]+)\/([a-z/]+)\?api-version=2024-10-21$/;

const who = { groups: ['demo'] };
const access = [
  { id: 'all', effect: 'allow', who, what: { models: ['*'] } },
  { id: 'not-those', effect: 'deny', who, what: { models: ['secret-*'] } },
];

// A deployment answers as the API whose last part of the path it is.
async function provide(request, reply) {
  const [, , call] = deployment.exec(request.path) ?? [];
  const api = {
    'chat/completions': apis.chat,
    completions: apis.completions,
    embeddings: apis.embeddings,
  }[call];
  if (!api) return reply.json(404, { error: { code: 'DeploymentNotFound', message: 'No.' } });
  if (!JSON.parse(request.body).stream) return reply.json(200, api.reply);
  reply.stream();
  for (const event of api.events) await reply.write(event);
  return reply.end();
}

describe('AzureOpenAI through the gateway', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = provide;
    const upstream = {
      name: 'azure',
      url: provider.url,
      apis: ['azure'],
      credential: { env: 'AZURE_KEY' },
    };
    gateway = await Gateway.start({
      policy: policy({ access, content: [redact('pii', 'both', { categories: ['pii'] })] }),
      env: { AZURE_KEY: 'azure-credential-of-the-gateway' },
      config: {
        upstreams: [upstream],
        routes: [
          { models: ['gpt-*'], upstreams: [{ name: 'azure' }] },
          { models: ['renamed'], upstreams: [{ name: 'azure', model: 'east-gpt' }] },
        ],
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const client = (options = {}) =>
    new AzureOpenAI({
      endpoint: gateway.url,
      apiKey: gateway.key,
      apiVersion: version,
      maxRetries: 0,
      ...options,
    });

  test('a value in the path is refused: a path cannot be redacted', async () => {
    const seen = provider.requests.length;
    for (const [name, call] of [
      ['gpt-13812345678', 'chat/completions'],
      ['gpt-%31%33812345678', 'embeddings'],
      ['gpt-li.lei@example.com', 'completions'],
    ]) {
      const path = `/openai/deployments/${name}/${call}?api-version=${version}`;
      const body = JSON.stringify({ messages, input: 'x', prompt: 'x' });
      const answer = await send(gateway, path, body);
      assert.equal(answer.status, 403, name);
      assert.equal(JSON.parse(answer.body).error.code, 'content_refused');
    }
    assert.equal(provider.requests.length, seen);
  });

  test('chat: the deployment, the version and the credential arrive', async () => {
    const answer = await client().chat.completions.create({ model: 'gpt-4o', messages });
    assert.equal(answer.choices[0].message.content, 'All is well.');
    const { path, headers, body } = provider.requests.at(-1);
    assert.equal(path, `/openai/deployments/gpt-4o/chat/completions?api-version=${version}`);
    assert.equal(headers['api-key'], 'azure-credential-of-the-gateway');
    assert.equal(headers.authorization, undefined);
    assert.ok(!JSON.stringify(headers).includes(gateway.key));
    assert.equal(JSON.parse(body).messages[0].content, 'mail [EMAIL]');
  });

  test('chat, streamed; completions; embeddings', async () => {
    let text = '';
    const chat = client({ deployment: 'gpt-4o' }).chat.completions;
    const stream = await chat.create({ model: 'gpt-4o', messages, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    assert.equal(text, 'All is well.');
    const whole = await client().completions.create({ model: 'gpt-35', prompt: 'hi' });
    assert.equal(whole.choices[0].text, 'All is well.');
    const vectors = await client().embeddings.create({
      model: 'gpt-embed',
      input: 'hi',
      encoding_format: 'float',
    });
    assert.deepEqual(vectors.data[0].embedding, [0.25, -0.5]);
  });

  test('a route renames the deployment, in the path and in the body', async () => {
    await client().chat.completions.create({ model: 'renamed', messages });
    const { path, body } = provider.requests.at(-1);
    assert.match(path, /^\/openai\/deployments\/east-gpt\//);
    assert.equal(JSON.parse(body).model, 'east-gpt');
  });

  test('errors are raised as the SDK does, and name the call in the log', async () => {
    const seen = provider.requests.length;
    await assert.rejects(
      client({ apiVersion: '13812345678' }).chat.completions.create({ model: 'gpt-4o', messages }),
      (error) => error instanceof BadRequestError && error.code === 'unknown_query',
    );
    const guest = await gateway.createKey('gast', ['guests']);
    const refused = await client({ apiKey: guest })
      .chat.completions.create({ model: 'gpt-4o', messages })
      .catch((error) => error);
    assert.ok(refused instanceof PermissionDeniedError);
    assert.equal(provider.requests.length, seen);
    const outcome = await outcomeOf(gateway, refused.error.exchange);
    assert.equal(outcome.api, 'azure_chat');
    assert.equal(outcome.path, '/openai/deployments/{model}/chat/completions');
    assert.equal(outcome.model, 'gpt-4o');
  });

  test('a second model in the body is judged as well', async () => {
    const path = `/openai/deployments/gpt-4o/chat/completions?api-version=${version}`;
    const ask = (model) => send(gateway, path, JSON.stringify({ model, messages }));
    assert.equal((await ask('gpt-4')).status, 200);
    const denied = await ask('secret-1');
    assert.equal(denied.status, 403, denied.body.toString());
    assert.equal(JSON.parse(denied.body).error.code, 'access_denied');
  });
});
