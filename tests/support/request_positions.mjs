// Every place of a request where a text can stand: rows of the position matrix.
//
// A row gives the change to the API's smallest request. kind text: it gets a sentence; json: a
// JSON text; loose: a sentence where JSON should be; number: a bare number; key: the name of a
// member.

const user = (content) => ({ role: 'user', content });
const question = user('what now?');
const chat = (...messages) => ({ messages: [...messages, question] });
const row = (name, change, kind = 'text') => ({ name, change, kind });
const chatCall = (args) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'find', arguments: args } }],
});
const chatTool = (fields) => ({
  tools: [{ type: 'function', function: { name: 'find', ...fields } }],
});
const schema = (description) => ({
  type: 'object',
  properties: { who: { type: 'string', description } },
});
const choices = (value) => ({
  type: 'object',
  properties: { who: { type: 'string', enum: [value, 'nobody'] } },
});

const anywhere = [
  row('a field that no API has', (t) => ({ x_vendor: t })),
  row('a nested unknown field', (t) => ({ x_vendor: { list: [1, { note: t }] } })),
  row('a number', (n) => ({ x_vendor: { phone: n } }), 'number'),
  row('an object key', (k) => ({ x_vendor: { [k]: 1 } }), 'key'),
  row('what a router would add', (t) => ({ extra_body: { note: t } })),
  row("a search's settings", (t) => ({ search_parameters: { sources: [{ site: t }] } })),
  row('a file that the provider keeps', (t) => ({ file_ids: [t] })),
  row("a provider's tool", (t) => ({ tools: [{ type: 'x_search', place: { city: t } }] })),
];

const openaiAnywhere = [
  row('user', (t) => ({ user: t })),
  row('metadata', (t) => ({ metadata: { note: t } })),
  row('a key of metadata', (k) => ({ metadata: { [k]: 'x' } }), 'key'),
  ...anywhere,
];

const userParts = (...parts) => ({ messages: [user(parts)] });
const chatRows = [
  row('a system message', (t) => chat({ role: 'system', content: t })),
  row('a system message in parts', (t) =>
    chat({ role: 'system', content: [{ type: 'text', text: t }] }),
  ),
  row('a developer message', (t) => chat({ role: 'developer', content: t })),
  row('a user message', (t) => ({ messages: [user(t)] })),
  row('a text part', (t) => ({ messages: [user([{ type: 'text', text: t }])] })),
  row('an earlier user turn', (t) => chat(user(t), { role: 'assistant', content: 'I see.' })),
  row('an earlier answer', (t) => chat(question, { role: 'assistant', content: t })),
  row('a refusal in the history', (t) =>
    chat(question, { role: 'assistant', content: null, refusal: t }),
  ),
  row('reasoning in the history', (t) =>
    chat(question, { role: 'assistant', content: 'ok', reasoning_content: t }),
  ),
  row('tool-call arguments', (j) => chat(chatCall(j)), 'json'),
  row('tool-call arguments that are no JSON', (t) => chat(chatCall(`who: ${t}`)), 'loose'),
  row(
    'a function call of the old form',
    (j) =>
      chat({ role: 'assistant', content: null, function_call: { name: 'find', arguments: j } }),
    'json',
  ),
  row('a tool result', (t) =>
    chat(chatCall('{}'), { role: 'tool', tool_call_id: 'call_1', content: t }),
  ),
  row('a tool result in parts', (t) =>
    chat(chatCall('{}'), {
      role: 'tool',
      tool_call_id: 'call_1',
      content: [{ type: 'text', text: t }],
    }),
  ),
  row(
    'a JSON tool result',
    (j) => chat(chatCall('{}'), { role: 'tool', tool_call_id: 'call_1', content: j }),
    'json',
  ),
  row("a tool's description", (t) => chatTool({ description: t })),
  row("a description in a tool's schema", (t) => chatTool({ parameters: schema(t) })),
  row("an enumerated value in a tool's schema", (t) => chatTool({ parameters: choices(t) })),
  row("a participant's name", (t) => ({ messages: [{ ...question, name: t }] })),
  row('a schema of the answer', (t) => ({
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'a', schema: schema(t) },
    },
  })),
  row('a predicted answer', (t) => ({ prediction: { type: 'content', content: t } })),
  row('a stop sequence', (t) => ({ stop: ['###', t] })),
  row('a search location', (t) => ({
    web_search_options: {
      user_location: { type: 'approximate', approximate: { city: t } },
    },
  })),
  row('an unknown field of a message', (t) => ({ messages: [{ ...question, x_note: t }] })),
  row('log probabilities of a shape that no API has', (t) => ({
    messages: [{ ...question, logprobs: [{ a: t }] }],
  })),
  row(
    'a key in log probabilities',
    (k) => ({ messages: [{ ...question, logprobs: { content: [{ token: 'a', [k]: 1 }] } }] }),
    'key',
  ),
  row('where an image should be', (t) =>
    userParts({ type: 'image_url', image_url: { url: t } }),
  ),
  row('where sound should be', (t) =>
    userParts({ type: 'input_audio', input_audio: { data: t, format: 'wav' } }),
  ),
  row('where a film should be', (t) => userParts({ type: 'video_url', video_url: { url: t } })),
  row("a file's name", (t) =>
    userParts({ type: 'file', file: { filename: t, file_data: 'data:text/plain;base64,eA==' } }),
  ),
  row('an address to be fetched', (t) =>
    userParts({ type: 'x', where: `https://h.example/?${t}` }),
  ),
  row("an attachment's title", (t) => ({
    messages: [{ ...question, attachments: [{ file_id: 'file-1', title: t }] }],
  })),
  ...openaiAnywhere,
];

const completionRows = [
  row('the prompt', (t) => ({ prompt: t })),
  row('one of several prompts', (t) => ({ prompt: ['hello', t] })),
  row('the suffix', (t) => ({ suffix: t })),
  row('a stop sequence', (t) => ({ stop: t })),
  ...openaiAnywhere,
];

const items = (...list) => ({ input: [...list, question] });
const call = (args) => ({
  type: 'function_call',
  call_id: 'call_1',
  name: 'find',
  arguments: args,
});
const responsesRows = [
  row('instructions', (t) => ({ instructions: t })),
  row('input as a string', (t) => ({ input: t })),
  row('a message', (t) => ({ input: [user(t)] })),
  row('an input_text part', (t) => ({ input: [user([{ type: 'input_text', text: t }])] })),
  row('a developer message', (t) => items({ role: 'developer', content: t })),
  row('an earlier turn', (t) => items(user(t), { role: 'assistant', content: 'I see.' })),
  row('an earlier answer', (t) =>
    items({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: t, annotations: [] }],
    }),
  ),
  row('where encrypted reasoning should be', (t) =>
    items({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: t }),
  ),
  row('an earlier refusal', (t) =>
    items({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'refusal', refusal: t }],
    }),
  ),
  row('function-call arguments', (j) => items(call(j)), 'json'),
  row("a function's output", (t) =>
    items(call('{}'), { type: 'function_call_output', call_id: 'call_1', output: t }),
  ),
  row("a function's output in parts", (t) =>
    items(call('{}'), {
      type: 'function_call_output',
      call_id: 'call_1',
      output: [{ type: 'input_text', text: t }],
    }),
  ),
  row(
    "a function's JSON output",
    (j) => items(call('{}'), { type: 'function_call_output', call_id: 'call_1', output: j }),
    'json',
  ),
  row('a summary of reasoning', (t) =>
    items({
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: t }],
    }),
  ),
  row("a custom tool's input", (t) =>
    items({
      type: 'custom_tool_call',
      call_id: 'call_1',
      name: 'find',
      input: t,
    }),
  ),
  row("a tool's description", (t) => ({
    tools: [
      { type: 'function', name: 'find', description: t, parameters: schema('x'), strict: false },
    ],
  })),
  row("a description in a tool's schema", (t) => ({
    tools: [{ type: 'function', name: 'find', parameters: schema(t), strict: false }],
  })),
  row('a schema of the answer', (t) => ({
    text: {
      format: { type: 'json_schema', name: 'a', schema: schema(t) },
    },
  })),
  row('a prompt variable', (t) => ({ prompt: { id: 'pmpt_1', variables: { who: t } } })),
  row('an item of an unknown type', (t) => items({ type: 'x_item', body: t })),
  ...openaiAnywhere,
];

const embeddingRows = [
  row('a number among tokens', (n) => ({ input: [[5, n, 7]] }), 'number'),
  row('input as a string', (t) => ({ input: t })),
  row('one of several inputs', (t) => ({ input: ['hello', t, 'bye'] })),
  ...openaiAnywhere,
];

const toolUse = (input) => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id: 'toolu_1', name: 'find', input }],
});
const toolResult = (content) => user([{ type: 'tool_result', tool_use_id: 'toolu_1', content }]);
const messagesRows = [
  row('system', (t) => ({ system: t })),
  row('a system block', (t) => ({ system: [{ type: 'text', text: t }] })),
  row('a user message', (t) => ({ messages: [user(t)] })),
  row('a text block', (t) => ({ messages: [user([{ type: 'text', text: t }])] })),
  row('an earlier turn', (t) => chat(user(t), { role: 'assistant', content: 'I see.' })),
  row('an earlier answer', (t) => chat(question, { role: 'assistant', content: t })),
  row('thinking in the history', (t) =>
    chat(question, {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: t, signature: 'c2ln' },
        { type: 'text', text: 'ok' },
      ],
    }),
  ),
  row('where a signature should be', (t) =>
    chat(question, {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: 'ok', signature: t }],
    }),
  ),
  row('where redacted thinking should be', (t) =>
    chat(question, { role: 'assistant', content: [{ type: 'redacted_thinking', data: t }] }),
  ),
  row("a tool's input", (t) => chat(question, toolUse({ to: t }))),
  row("deep inside a tool's input", (t) => chat(question, toolUse({ a: [{ b: { c: t } }] }))),
  row("a number in a tool's input", (n) => chat(question, toolUse({ phone: n })), 'number'),
  row("a key of a tool's input", (k) => chat(question, toolUse({ [k]: true })), 'key'),
  row('a tool result', (t) => chat(question, toolUse({}), toolResult(t))),
  row('a tool result in blocks', (t) =>
    chat(question, toolUse({}), toolResult([{ type: 'text', text: t }])),
  ),
  row("a tool's description", (t) => ({
    tools: [{ name: 'find', description: t, input_schema: schema('x') }],
  })),
  row("a description in a tool's schema", (t) => ({
    tools: [{ name: 'find', input_schema: schema(t) }],
  })),
  row('metadata', (t) => ({ metadata: { user_id: t } })),
  row('a stop sequence', (t) => ({ stop_sequences: [t] })),
  row('a plain-text document', (t) => ({
    messages: [
      user([{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: t } }]),
    ],
  })),
  row("a document's title", (t) => ({
    messages: [
      user([
        {
          type: 'document',
          title: t,
          source: { type: 'text', media_type: 'text/plain', data: 'x' },
        },
      ]),
    ],
  })),
  row('a search result', (t) => ({
    messages: [
      user([
        { type: 'search_result', source: 'x', title: 'x', content: [{ type: 'text', text: t }] },
      ]),
    ],
  })),
  ...anywhere,
];

// What Azure reads is OpenAI's: the first and the odd places, on its paths.
const azureRows = [
  ...chatRows.slice(0, 6),
  row('what is searched for it', (t) => ({
    data_sources: [{ type: 'azure_search', parameters: { role_information: t } }],
  })),
  ...openaiAnywhere,
];

const ollamaCall = (args) => ({
  role: 'assistant',
  content: '',
  tool_calls: [{ function: { name: 'find', arguments: args } }],
});
const ollamaAnywhere = [
  row('a stop sequence', (t) => ({ options: { stop: ['###', t] } })),
  row('an option that is not known', (t) => ({ options: { x_note: t } })),
  row('a schema of the answer', (t) => ({ format: schema(t) })),
  row('how long it stays', (t) => ({ keep_alive: t })),
  ...anywhere,
];
const ollamaChatRows = [
  row('a system message', (t) => chat({ role: 'system', content: t })),
  row('a user message', (t) => ({ messages: [user(t)] })),
  row('beside an image', (t) => ({ messages: [{ ...user(t), images: ['aGVsbG8='] }] })),
  row('where an image should be', (t) => ({ messages: [{ ...user('x'), images: [t] }] })),
  row('an earlier turn', (t) => chat(user(t), { role: 'assistant', content: 'I see.' })),
  row('an earlier answer', (t) => chat(question, { role: 'assistant', content: t })),
  row('thinking in the history', (t) =>
    chat(question, { role: 'assistant', content: 'ok', thinking: t }),
  ),
  row("a tool's arguments", (t) => chat(ollamaCall({ to: [t] }))),
  row("a number in a tool's arguments", (n) => chat(ollamaCall({ phone: n })), 'number'),
  row("a key of a tool's arguments", (k) => chat(ollamaCall({ [k]: 1 })), 'key'),
  row('a tool result', (t) =>
    chat(ollamaCall({}), { role: 'tool', tool_name: 'find', content: t }),
  ),
  row("a tool's name", (t) => chat(ollamaCall({}), { role: 'tool', tool_name: t, content: 'x' })),
  row("a tool's description", (t) => chatTool({ description: t })),
  row("a description in a tool's schema", (t) => chatTool({ parameters: schema(t) })),
  ...ollamaAnywhere,
];
const ollamaGenerateRows = [
  row('the prompt', (t) => ({ prompt: t })),
  row('the suffix', (t) => ({ suffix: t })),
  row('the system prompt', (t) => ({ system: t })),
  row('the template', (t) => ({ template: t })),
  row('where an image should be', (t) => ({ images: [t] })),
  row('where tokens should be', (t) => ({ context: [t] })),
  ...ollamaAnywhere,
];

export const requestRows = {
  chat: chatRows,
  completions: completionRows,
  responses: responsesRows,
  embeddings: embeddingRows,
  messages: messagesRows,
  count_tokens: messagesRows,
  azure: azureRows,
  ollama_chat: ollamaChatRows,
  ollama_generate: ollamaGenerateRows,
};
