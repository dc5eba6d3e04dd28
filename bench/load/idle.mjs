// Memory of the gateway with many streams open and silent, each after its first piece of text.
//   bench/load/idle [10000]
import { apis, chatDelta, chatStop, done } from '../../tests/support/apis.mjs';
import { Gateway } from '../../tests/support/gateway.mjs';
import { residentMegabytes, until } from '../../tests/support/process.mjs';
import { Provider } from '../../tests/support/provider.mjs';
import { send } from '../../tests/support/raw.mjs';

const count = Number(process.argv[2] ?? 10_000);
const opened_at_once = 250;
const piece = 'Plain words that nobody minds, and again some more of them. ';

const provider = await Provider.start();
const replies = [];
provider.handler = (request, reply) => {
  reply.stream();
  replies.push(reply);
};
const gateway = await Gateway.start({
  upstream: provider.url,
  config: { log: { level: 'warning' } },
});
const before = await residentMegabytes(gateway.process.pid);
const body = JSON.stringify({ ...apis.chat.base, stream: true });
const answers = [];
while (answers.length < count) {
  const more = Math.min(opened_at_once, count - answers.length);
  for (let i = 0; i < more; i += 1) answers.push(send(gateway, apis.chat.path, body));
  await until('the streams are open', () => replies.length === answers.length);
  const opened = replies.slice(-more);
  await Promise.all(opened.map((reply) => reply.write(chatDelta({ content: piece }))));
}
const idle = await residentMegabytes(gateway.process.pid);
for (const reply of replies) {
  await reply.write(chatStop() + done);
  reply.end();
}
const complete = (await Promise.all(answers)).filter((answer) => answer.complete).length;
console.log(
  `${count} idle streams: ${idle.toFixed(0)} MB resident, ${before.toFixed(0)} MB before, ` +
    `${(((idle - before) * 1024) / count).toFixed(1)} KB each; ${complete} completed`,
);
await gateway.stop();
await provider.stop();
