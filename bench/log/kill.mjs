// See bench/log/kill.
import { parseArgs } from 'node:util';
import { Crashes } from '../../tests/support/crash.mjs';
import { Gateway } from '../../tests/support/gateway.mjs';
import { Provider } from '../../tests/support/provider.mjs';

const roundsOfAStore = 25;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '60' },
  },
});
const rounds = Number(values.rounds);
const end = performance.now() + Number(values.minutes) * 60_000;

let done = 0;
let answered = 0;
let reached = 0;
while (done < rounds && performance.now() < end) {
  const provider = await Provider.start();
  const gateway = await Gateway.start({ upstream: provider.url });
  const crashes = new Crashes(gateway, provider);
  for (let i = 0; i < roundsOfAStore && done < rounds && performance.now() < end; i += 1) {
    const wrong = await crashes.round(20 + ((done * 37) % 400));
    if (wrong.length > 0) {
      console.error(`round ${done + 1}, ${gateway.folder}:\n${wrong.join('\n')}`);
      process.exit(1);
    }
    done += 1;
  }
  answered += crashes.answered.length;
  reached += provider.requests.length;
  console.error(`${done} rounds`);
  await gateway.stop();
  await provider.stop();
}
console.log(
  `${done} rounds: ${reached} requests reached the provider, ${answered} were answered in full; ` +
    'nothing acknowledged was lost, nothing was released unrecorded, every log verified.',
);
