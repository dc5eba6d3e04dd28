// The guarded APIs: smallest requests, clean answers, and streams, in the providers' own shapes.

const created = 1735689600;

const asText = (data) => (typeof data === 'string' ? data : JSON.stringify(data));

const sse = (data, type) => `${type ? `event: ${type}\n` : ''}data: ${asText(data)}\n\n`;

// The events of a stream: [{ type, data }] with data parsed where it is JSON.
export function parseEvents(bytes) {
  const blocks = bytes
    .toString('utf8')
    .split('\n\n')
    .filter((block) => block.trim());
  return blocks.map((block) => {
    const lines = block.split('\n');
    const field = (name) =>
      lines
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trimStart())
        .join('\n');
    let data = field('data');
    if (data.startsWith('{')) data = JSON.parse(data);
    return { type: field('event'), data };
  });
}

// A line of a stream in Ollama's API, and its lines as parseEvents gives events.
export const line = (data) => `${asText(data)}\n`;
export const parseLines = (bytes) =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((text) => text.trim())
    .map((text) => ({ type: '', data: JSON.parse(text) }));

export const chatChunk = (choices, rest = {}) =>
  sse({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created,
    model: 'm',
    choices,
    ...rest,
  });
export const chatDelta = (delta, index = 0, rest = {}) =>
  chatChunk([{ index, delta, logprobs: null, finish_reason: null, ...rest }]);
export const chatStop = (index = 0) => chatChunk([{ index, delta: {}, finish_reason: 'stop' }]);
export const done = sse('[DONE]');

export const textChunk = (text, index = 0, rest = {}) =>
  sse({
    id: 'cmpl-1',
    object: 'text_completion',
    created,
    model: 'm',
    choices: [{ index, text, logprobs: null, finish_reason: null, ...rest }],
  });

export const chatBody = (choices, rest = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created,
  model: 'm',
  choices,
  usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
  ...rest,
});
export const chatChoice = (message, index = 0, rest = {}) => ({
  index,
  message: { role: 'assistant', content: null, ...message },
  logprobs: null,
  finish_reason: 'stop',
  ...rest,
});

export const responseBody = (output, rest = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: created,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'm',
  output,
  parallel_tool_calls: true,
  metadata: {},
  usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
  ...rest,
});
export const outputText = (text) => ({ type: 'output_text', text, annotations: [] });
export const outputMessage = (content) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content,
});

export const functionCall = (args) => ({
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'c_1',
  name: 'f',
  arguments: args,
});
export const reasoningItem = (summary, content = []) => ({
  id: 'rs_1',
  type: 'reasoning',
  summary,
  content,
});
export const summaryText = (text) => ({ type: 'summary_text', text });

export const messageBody = (content, rest = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 5, output_tokens: 7 },
  ...rest,
});

export const named = (type, rest) => sse({ type, ...rest }, type);

// A whole response stream around the events of one output item.
export function responseStream(item, inside, finished) {
  const opened = responseBody([], { status: 'in_progress', usage: null });
  const events = [
    ['response.created', { response: opened }],
    ['response.in_progress', { response: opened }],
    ['response.output_item.added', { output_index: 0, item }],
    ...inside,
    ['response.output_item.done', { output_index: 0, item: finished }],
    ['response.completed', { response: responseBody([finished]) }],
  ];
  return events.map(([type, data], number) => named(type, { sequence_number: number, ...data }));
}

// A whole message stream around the deltas of one content block.
export function messageStream(block, deltas) {
  return [
    named('message_start', { message: messageBody([], { stop_reason: null }) }),
    named('content_block_start', { index: 0, content_block: block }),
    named('ping', {}),
    ...deltas.map((delta) => named('content_block_delta', { index: 0, delta })),
    named('content_block_stop', { index: 0 }),
    named('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 7 },
    }),
    named('message_stop', {}),
  ];
}

export function responseTextStream(pieces) {
  const text = pieces.join('');
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  return responseStream(
    { ...outputMessage([]), status: 'in_progress' },
    [
      ['response.content_part.added', { ...at, part: outputText('') }],
      ...pieces.map((delta) => ['response.output_text.delta', { ...at, delta }]),
      ['response.output_text.done', { ...at, text }],
      ['response.content_part.done', { ...at, part: outputText(text) }],
    ],
    outputMessage([outputText(text)]),
  );
}

const ollamaEnd = {
  done_reason: 'stop',
  done: true,
  total_duration: 5043500667,
  prompt_eval_count: 5,
  eval_count: 7,
};
const ollamaPart = (rest) => ({ model: 'm', created_at: '2025-07-29T11:05:02.1Z', ...rest });
export const ollamaChat = (message, rest = {}) =>
  ollamaPart({ message: { role: 'assistant', content: '', ...message }, ...ollamaEnd, ...rest });
export const ollamaText = (response, rest = {}) =>
  ollamaPart({ response, ...ollamaEnd, context: [1, 2, 3], ...rest });
export const ollamaCall = (args) => ({
  tool_calls: [{ function: { name: 'f', arguments: args } }],
});
export const ollamaChatStream = (messages) => [
  ...messages.map((message) => line(ollamaPart({ message, done: false }))),
  line(ollamaChat({})),
];
export const ollamaTextStream = (parts) => [
  ...parts.map((part) => line(ollamaPart({ ...part, done: false }))),
  line(ollamaText('')),
];

const clean = 'All is well.';

// path, where {model} stands for the model; base: the smallest request; reply, events: a clean
// answer, whole and streamed (null: no streams); streamType, parse: of streams that are not
// server-sent events.
export const apis = {
  chat: {
    path: '/v1/chat/completions',
    base: { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
    reply: chatBody([chatChoice({ content: clean })]),
    events: [
      chatDelta({ role: 'assistant', content: '' }),
      chatDelta({ content: clean }),
      chatStop(),
      done,
    ],
  },
  completions: {
    path: '/v1/completions',
    base: { model: 'm', prompt: 'hello' },
    reply: {
      id: 'cmpl-1',
      object: 'text_completion',
      created,
      model: 'm',
      choices: [{ index: 0, text: clean, logprobs: null, finish_reason: 'stop' }],
    },
    events: [textChunk(clean), textChunk('', 0, { finish_reason: 'stop' }), done],
  },
  responses: {
    path: '/v1/responses',
    base: { model: 'm', input: 'hello' },
    reply: responseBody([outputMessage([outputText(clean)])]),
    events: responseTextStream([clean]),
  },
  embeddings: {
    path: '/v1/embeddings',
    base: { model: 'm', input: 'hello' },
    reply: {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }],
      model: 'm',
      usage: { prompt_tokens: 1, total_tokens: 1 },
    },
    events: null,
  },
  messages: {
    path: '/v1/messages',
    base: { model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'hello' }] },
    reply: messageBody([{ type: 'text', text: clean }]),
    events: messageStream({ type: 'text', text: '' }, [{ type: 'text_delta', text: clean }]),
  },
  azure: {
    path: '/openai/deployments/{model}/chat/completions?api-version=2024-10-21',
    base: { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
    reply: chatBody([chatChoice({ content: clean })]),
    events: [chatDelta({ role: 'assistant', content: clean }), chatStop(), done],
  },
  ollama_chat: {
    path: '/api/chat',
    base: { model: 'm', messages: [{ role: 'user', content: 'hello' }], stream: false },
    reply: ollamaChat({ content: clean }),
    events: ollamaChatStream([{ role: 'assistant', content: clean }]),
    streamType: 'application/x-ndjson',
    parse: parseLines,
  },
  ollama_generate: {
    path: '/api/generate',
    base: { model: 'm', prompt: 'hello', stream: false },
    reply: ollamaText(clean),
    events: ollamaTextStream([{ response: clean }]),
    streamType: 'application/x-ndjson',
    parse: parseLines,
  },
  count_tokens: {
    path: '/v1/messages/count_tokens',
    base: { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
    reply: { input_tokens: 3 },
    events: null,
  },
};

export const pathOf = (api, model) => apis[api].path.replace('{model}', model);
export const readEvents = (api, bytes) => (apis[api].parse ?? parseEvents)(bytes);

function apiOf(path) {
  const form = path.replace(/\/deployments\/[^/]*/, '/deployments/{model}').split('?')[0];
  return Object.values(apis).find((api) => api.path.split('?')[0] === form);
}

// A handler for Provider: the clean answer of whichever API is called.
export async function answerCleanly(request, reply) {
  const api = apiOf(request.path);
  if (!api) return reply.json(404, { error: { message: 'no such path' } });
  if (!JSON.parse(request.body).stream) return reply.json(200, api.reply);
  reply.stream(api.streamType ? { 'content-type': api.streamType } : {});
  for (const event of api.events) await reply.write(event);
  return reply.end();
}
