// A service says for which person it calls: through the SDKs' default headers, into access, record
// and statistics, and never to the provider.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { answerCleanly, apis } from '../support/apis.mjs';
import { outcomeOf, records } from '../support/evidence.mjs';
import { Gateway, policy } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';
import { anthropic, openai } from '../support/sdk_suite.mjs';

const header = 'x-menshen-user';
const zhang = 'zhang.san@corp.example';
const wang = '王小明';
// A header's characters are bytes.
const bytes = (text) => Buffer.from(text).toString('latin1');
const messages = [{ role: 'user', content: 'hi' }];

const may = (id, who) => ({ id, effect: 'allow', who, what: { models: ['*'] } });
const rules = policy({
  access: [
    may('demo', { groups: ['demo'] }),
    {
      id: 'not-wang',
      effect: 'deny',
      who: { users: [wang] },
      what: { models: ['gpt-4o'] },
      reason: '王小明不能使用该模型。',
    },
  ],
});

describe('an end user', () => {
  let provider;
  let gateway;
  let portal;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    gateway = await Gateway.start({
      upstream: provider.url,
      policy: rules,
      config: { identity: { chain: ['api_keys'] } },
    });
    const service = ['--subject', 'portal', '--groups', 'demo', '--kind', 'service'];
    const made = await gateway.commandJson('keys', 'create', ...service, '--may-set-user');
    assert.equal(made.may_set_user, true);
    portal = { url: gateway.url, key: made.key, id: made.id };
    await until('the gateway knows the key', () => gateway.knows(made.key));
  });
  after(async () => {
    await gateway.stop(); // `audit verify` accepts the log
    await provider.stop();
  });

  const chat = (client, model = 'gpt-4o') =>
    client.chat.completions.create({ model, messages }).withResponse();
  const recordOf = ({ response }) =>
    outcomeOf(gateway, response.headers.get('x-menshen-exchange'));
  const isOf = (record, person) => {
    assert.equal(record.subject, person);
    assert.equal(record.subject_kind, 'user');
    assert.equal(record.actor, 'portal');
    assert.equal(record.credential, portal.id);
    assert.deepEqual(record.groups, ['demo']);
  };

  test('of OpenAI and Anthropic SDKs is the subject, the service its actor', async () => {
    const defaultHeaders = { [header]: zhang };
    isOf(await recordOf(await chat(openai(portal, { defaultHeaders }))), zhang);
    const answer = await anthropic(portal, { defaultHeaders })
      .messages.create({ model: 'claude', max_tokens: 9, messages })
      .withResponse();
    isOf(await recordOf(answer), zhang);
    for (const { headers, body } of provider.requests) {
      assert.equal(headers[header], undefined);
      assert.ok(!JSON.stringify([headers, body.toString()]).includes('zhang'));
    }
  });

  test('is whom the access rules mean, in Chinese as well', async () => {
    const client = openai(portal, { defaultHeaders: { [header]: bytes(wang) } });
    await assert.rejects(chat(client), (error) => {
      assert.ok(error instanceof OpenAI.PermissionDeniedError);
      assert.match(error.message, /王小明不能使用该模型/);
      return true;
    });
    isOf(await recordOf(await chat(client, 'gpt-4o-mini')), wang);
    assert.equal((await chat(openai(portal))).response.status, 200); // the service itself
  });

  test('without the right is a 403 that says so', async () => {
    const defaultHeaders = { [header]: zhang };
    const asked = provider.requests.length;
    await assert.rejects(chat(openai(gateway, { defaultHeaders })), (error) => {
      assert.ok(error instanceof OpenAI.PermissionDeniedError);
      assert.equal(error.code, 'end_user_not_allowed');
      assert.equal(error.param, header);
      return true;
    });
    const client = anthropic(gateway, { defaultHeaders });
    await assert.rejects(
      client.messages.create({ model: 'claude', max_tokens: 9, messages }),
      Anthropic.PermissionDeniedError,
    );
    assert.equal(provider.requests.length, asked);
    const last = (await records(gateway)).at(-1);
    assert.equal(last.subject, 'alice');
    assert.equal(last.error, 'end_user_not_allowed');
  });

  test('malformed is a 400 with its place; said twice it is no request', async () => {
    const ask = (headers) =>
      send(gateway, apis.chat.path, JSON.stringify(apis.chat.base), {
        authorization: `Bearer ${portal.key}`,
        ...headers,
      });
    for (const value of ['', ' ', 'a\tb', '\xff', bytes('\u3000'), 'u'.repeat(129), 'a, b']) {
      const answer = await ask({ [header]: value });
      assert.equal(answer.status, 400, JSON.stringify(value));
      const { error } = JSON.parse(answer.body);
      assert.equal(error.code, 'invalid_end_user');
      assert.equal(error.param, header);
    }
    const twice = await ask({ [header]: zhang, 'X-Menshen-User': 'li.si' });
    assert.equal(twice.status, 400);
    assert.equal(JSON.parse(twice.body).error.code, 'repeated_header');
    const longest = await ask({ [header]: 'u'.repeat(128) });
    assert.equal(longest.status, 200);
  });

  test('stands in no log line, nor metric', async () => {
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    for (const name of [zhang, wang]) {
      assert.ok(!metrics.includes(name));
      assert.ok(!gateway.process.output.includes(name));
    }
  });

  test('a right goes with a service, to its successor, and ends with the key', async () => {
    const refused = await gateway.command(
      ...['keys', 'create', '--subject', 'bob', '--groups', 'demo', '--may-set-user'],
    );
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /invalid_kind/);
    const next = await gateway.commandJson('keys', 'rotate', portal.id);
    assert.equal(next.may_set_user, true);
    const listed = await gateway.commandJson('keys', 'list');
    assert.deepEqual(
      listed.map(({ subject, may_set_user: may }) => `${subject} ${may}`),
      ['alice false', 'portal true', 'portal true'],
    );
    await gateway.commandJson('keys', 'revoke', portal.id);
    const client = openai(portal, { defaultHeaders: { [header]: zhang } });
    await until('the key is revoked', async () => {
      const error = await chat(client).catch((caught) => caught);
      return error.code === 'revoked_api_key';
    });
  });
});
