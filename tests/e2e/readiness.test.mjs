// /readyz and routes: one without an upstream is shown, none with one is not ready.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { Gateway } from '../support/gateway.mjs';
import { until } from '../support/process.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('readiness', () => {
  let provider;
  let gateway;
  const sick = new Set();
  const upstream = (name) => ({
    name,
    url: provider.url,
    apis: ['openai'],
    health: { path: `/health/${name}`, interval_ms: 100, timeout_ms: 100 },
  });
  const readiness = async () => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    return { http: answer.status, ...(await answer.json()) };
  };
  const metric = async (name) => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  before(async () => {
    provider = await Provider.start();
    provider.handler = (request, reply) => {
      const checked = /^\/health\/(\w+)$/.exec(request.path)?.[1];
      if (checked) return reply.json(sick.has(checked) ? 500 : 200, {});
      return answerCleanly(request, reply);
    };
    gateway = await Gateway.start({
      upstream: provider.url,
      config: {
        upstreams: [upstream('east'), upstream('west')],
        routes: [
          { models: ['east-1', 'east-2'], upstreams: [{ name: 'east' }] },
          { models: ['*'], upstreams: [{ name: 'west' }, { name: 'east', weight: 0 }] },
        ],
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  test('of a gateway whose routes all have an upstream', async () => {
    const state = await readiness();
    assert.equal(state.status, 'ready');
    assert.equal(state.routes_down, undefined);
    assert.equal(state.reload.applied, true);
    assert.equal(await metric('menshen_routes_down'), 0);
  });

  test('a route without one is shown, and the others are served', async () => {
    sick.add('west').add('east');
    await until('no route is up', async () => (await readiness()).http === 503);
    const none = await readiness();
    assert.equal(none.code, 'not_ready');
    assert.equal(none.detail, 'no route has an upstream that may be called');
    assert.deepEqual(none.routes_down, ['east-1', '*']);
    assert.equal(await metric('menshen_routes_down'), 2);
    sick.delete('west');
    await until('one is up', async () => (await readiness()).http === 200);
    assert.deepEqual((await readiness()).routes_down, ['east-1']);
    const answer = await send(gateway, apis.chat.path, JSON.stringify(apis.chat.base));
    assert.equal(answer.status, 200);
    sick.delete('east');
    await until('all are up', async () => !(await readiness()).routes_down);
  });
});
