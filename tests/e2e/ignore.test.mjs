// `ignore` and `except` of a policy, from the request to the record.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerCleanly, apis } from '../support/apis.mjs';
import { records } from '../support/evidence.mjs';
import { Gateway, policy, refuse } from '../support/gateway.mjs';
import { Provider } from '../support/provider.mjs';
import { send } from '../support/raw.mjs';

describe('a policy that ignores values', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await Provider.start();
    provider.handler = answerCleanly;
    const rules = policy({
      content: [
        { id: 'hidden', find: { types: ['email'] }, then: { action: 'redact' } },
        refuse('no-phone', 'request', { types: ['cn_mobile'] }),
        {
          ...refuse('no-address', 'request', { types: ['ip_address'] }),
          except: [{ who: { groups: ['demo'] } }],
        },
      ],
      ignore: [
        { values: ['13800138000'] },
        { domains: ['press.example'], rules: ['hidden'] },
      ],
    });
    gateway = await Gateway.start({ upstream: provider.url, policy: rules });
  });
  after(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const ask = (content) => {
    const body = { ...apis.chat.base, messages: [{ role: 'user', content }] };
    return send(gateway, apis.chat.path, JSON.stringify(body));
  };
  const received = () => JSON.parse(provider.requests.at(-1).body).messages[0].content;

  test('lets them pass, and no others', async () => {
    assert.equal((await ask('Call the hotline, 138-0013-8000.')).status, 200);
    assert.equal(received(), 'Call the hotline, 138-0013-8000.');
    assert.equal((await ask('Call the hotline, 138-0013-8001.')).status, 403);
    await ask('Write to desk@press.example and to li.si@corp.example.');
    assert.equal(received(), 'Write to desk@press.example and to [EMAIL].');
  });

  test('counts them as found', async () => {
    await ask('Call 13800138000.');
    const outcome = (await records(gateway)).findLast(({ type }) => type === 'outcome');
    const [group] = outcome.findings_request;
    assert.equal(group.type, 'cn_mobile');
    assert.equal(group.action, undefined);
    assert.equal(group.rules, undefined);
  });

  test('excepts whom a rule excepts', async () => {
    assert.equal((await ask('The server is at 203.0.113.7.')).status, 200);
  });
});
