// Ends a gateway with kill -9 under load, and says what that has lost: law 3 from outside.
import { answerCleanly, apis } from './apis.mjs';
import { records } from './evidence.mjs';
import { send } from './raw.mjs';

const clients = 16;

export class Crashes {
  constructor(gateway, provider) {
    this.gateway = gateway;
    this.provider = provider;
    this.answered = []; // exchanges whose answer the client has in full
  }

  // Asks again and again until the gateway is gone.
  async load(number) {
    for (let i = 0; ; i += 1) {
      const stream = (number + i) % 2 === 0;
      const body = JSON.stringify({ ...apis.chat.base, stream });
      const answer = await send(this.gateway, apis.chat.path, body);
      if (answer === null || answer.status !== 200) return;
      if (!answer.complete || (stream && !answer.body.includes('[DONE]'))) return;
      this.answered.push(answer.headers['x-menshen-exchange']);
    }
  }

  // Resolves once the provider has been asked `count` more times.
  asked(count) {
    const due = this.provider.requests.length + count;
    return new Promise((resolve) => {
      this.provider.handler = (request, reply) => {
        if (this.provider.requests.length >= due) resolve();
        return answerCleanly(request, reply);
      };
    });
  }

  // One crash, and one start after it. What was wrong, as sentences.
  async round(requests) {
    const enough = this.asked(requests);
    const loads = Array.from({ length: clients }, (_, n) => this.load(n));
    await enough;
    await this.gateway.process.kill('SIGKILL');
    await Promise.all(loads);

    const wrong = [];
    const outcomes = new Set();
    const intents = new Set();
    for (const { type, exchange, complete } of await records(this.gateway)) {
      if (type === 'outcome' && complete) outcomes.add(exchange);
      if (type === 'intent') intents.add(exchange);
    }
    for (const exchange of this.answered) {
      if (outcomes.has(exchange)) continue;
      wrong.push(`${exchange} was answered in full, without an outcome`);
    }
    const reached = this.provider.requests.length;
    if (intents.size < reached)
      wrong.push(`${reached} requests reached the provider, ${intents.size} intents stand`);
    const { code, stdout, stderr } = await this.gateway.command('audit', 'verify');
    if (code !== 0) wrong.push(stdout + stderr);
    await this.gateway.serve();
    return wrong;
  }
}
