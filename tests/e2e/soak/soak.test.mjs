// Law 7 over time: mixed traffic for SOAK_SECONDS (600 unless said otherwise) loses no answer,
// leaks no value, and after its first third memory does not grow.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis, pathOf } from '../../support/apis.mjs';
import { Gateway } from '../../support/gateway.mjs';
import { residentMegabytes } from '../../support/process.mjs';
import { Provider } from '../../support/provider.mjs';
import { send } from '../../support/raw.mjs';

const seconds = Number(process.env.SOAK_SECONDS ?? 600);
const clients = 32;
const growth_megabytes_max = 32;
const value = 'zhang.san@corp.example';
const sizes = [200, 2_000, 20_000, 200_000];

describe(`${clients} clients for ${seconds} seconds`, () => {
  let provider;
  let gateway;
  let leaked = 0;
  before(async () => {
    provider = await Provider.start();
    provider.handler = (request, reply) => {
      if (request.body.includes(value)) leaked += 1;
      provider.requests.length = 0;
      return answerCleanly(request, reply);
    };
    gateway = await Gateway.start({ upstream: provider.url });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const kinds = Object.entries(apis).flatMap(([name, api]) =>
    api.events ? [{ name, api }, { name, api, stream: true }] : [{ name, api }],
  );

  async function client(number, until_ms, statuses) {
    for (let round = number; Date.now() < until_ms; round += 1) {
      const { name, api, stream } = kinds[round % kinds.length];
      const text = `${value} ${'plain words '.repeat(sizes[round % sizes.length] / 12)}`;
      const body = JSON.stringify({ ...api.base, ...(stream ? { stream } : {}) });
      const answer = await send(gateway, pathOf(name, 'm'), body.replace('hello', text));
      assert.ok(answer.complete);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  }

  test('every answer arrives, no value leaks, memory stays', async () => {
    const begin = Date.now();
    const end = begin + seconds * 1000;
    const statuses = new Map();
    const memory = [];
    const watch = setInterval(async () => {
      memory.push(await residentMegabytes(gateway.process.pid));
    }, 1000);
    try {
      await Promise.all(
        Array.from({ length: clients }, (_, number) => client(number, end, statuses)),
      );
    } finally {
      clearInterval(watch);
    }
    assert.deepEqual([...statuses.keys()], [200]);
    assert.equal(leaked, 0);
    const third = Math.floor(memory.length / 3);
    const early = Math.max(...memory.slice(third, 2 * third));
    const late = Math.max(...memory.slice(2 * third));
    const seen = memory.map(Math.round).join(' ');
    assert.ok(late - early < growth_megabytes_max, `resident megabytes by second: ${seen}`);
  });
});
