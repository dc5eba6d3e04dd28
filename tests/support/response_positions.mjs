// Every place of an answer where a text can stand: rows of the position matrix.
//
// Whole answers: body(text) gives the document; `status` is 200 unless the row says otherwise.
// Streams: events(pieces) gives the events of one text that comes in pieces, and read(events) joins
// it again from parsed events. `whole: true`: the place is not split over events.
import {
  chatBody,
  chatChoice,
  chatChunk,
  chatDelta,
  chatStop,
  done,
  messageBody,
  messageStream,
  named,
  ollamaChat,
  ollamaChatStream,
  ollamaText,
  ollamaTextStream,
  outputMessage,
  outputText,
  responseBody,
  responseStream,
  responseTextStream,
  textChunk,
} from './apis.mjs';

const whole = (name, body, rest = {}) => ({ name, body, kind: 'text', ...rest });
const call = (args) => ({
  id: 'call_1',
  type: 'function',
  function: { name: 'f', arguments: args },
});
const openaiError = (message) => ({
  error: { message, type: 'invalid_request_error', param: null, code: null },
});
const anthropicError = (message) => ({
  type: 'error',
  error: { type: 'invalid_request_error', message },
});
const functionCall = (args) => ({
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'c_1',
  name: 'f',
  arguments: args,
});
const reasoningItem = (summary, content = []) => ({
  id: 'rs_1',
  type: 'reasoning',
  summary,
  content,
});
const summaryText = (text) => ({ type: 'summary_text', text });

const chatWhole = [
  whole('the content', (t) => chatBody([chatChoice({ content: t })])),
  whole('the second choice', (t) =>
    chatBody([chatChoice({ content: 'fine' }), chatChoice({ content: t }, 1)]),
  ),
  whole('tool-call arguments', (j) => chatBody([chatChoice({ tool_calls: [call(j)] })]), {
    kind: 'json',
  }),
  whole(
    'arguments that are no JSON',
    (t) => chatBody([chatChoice({ tool_calls: [call(`x ${t}`)] })]),
    { kind: 'loose' },
  ),
  whole(
    'a function call of the old form',
    (j) => chatBody([chatChoice({ function_call: { name: 'f', arguments: j } })]),
    { kind: 'json' },
  ),
  whole('the refusal', (t) => chatBody([chatChoice({ refusal: t })])),
  whole('the reasoning', (t) => chatBody([chatChoice({ content: 'ok', reasoning_content: t })])),
  whole('an annotation', (t) =>
    chatBody([
      chatChoice({
        content: 'ok',
        annotations: [
          {
            type: 'url_citation',
            url_citation: { title: t, url: 'x', start_index: 0, end_index: 1 },
          },
        ],
      }),
    ]),
  ),
  whole('an audio transcript', (t) =>
    chatBody([
      chatChoice({
        content: 'ok',
        audio: { id: 'a', expires_at: 1, transcript: t },
      }),
    ]),
  ),
  whole('a field that no API has', (t) =>
    chatBody([chatChoice({ content: 'ok' })], { x_vendor: t }),
  ),
  whole('an error', openaiError, { status: 400 }),
  whole('a server error', openaiError, { status: 500 }),
];

const completionsWhole = [
  whole('the text', (t) => ({
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, text: t, logprobs: null, finish_reason: 'stop' }],
  })),
  whole('the second choice', (t) => ({
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'm',
    choices: ['ok', t].map((text, index) => ({
      index,
      text,
      logprobs: null,
      finish_reason: 'stop',
    })),
  })),
  whole('an error', openaiError, { status: 404 }),
];

const responsesWhole = [
  whole('the text', (t) => responseBody([outputMessage([outputText(t)])])),
  whole('the second part', (t) =>
    responseBody([outputMessage([outputText('ok'), outputText(t)])]),
  ),
  whole('the refusal', (t) => responseBody([outputMessage([{ type: 'refusal', refusal: t }])])),
  whole('function-call arguments', (j) => responseBody([functionCall(j)]), { kind: 'json' }),
  whole('a summary of reasoning', (t) => responseBody([reasoningItem([summaryText(t)])])),
  whole('the reasoning', (t) =>
    responseBody([reasoningItem([], [{ type: 'reasoning_text', text: t }])]),
  ),
  whole('where encrypted reasoning should be', (t) =>
    responseBody([{ ...reasoningItem([]), encrypted_content: t }]),
  ),
  whole('where an image should be', (t) =>
    responseBody([{ type: 'image_generation_call', id: 'ig_1', result: t }]),
  ),
  whole('the instructions, repeated', (t) =>
    responseBody([outputMessage([outputText('ok')])], { instructions: t }),
  ),
  whole('metadata', (t) =>
    responseBody([outputMessage([outputText('ok')])], { metadata: { a: t } }),
  ),
  whole('an annotation', (t) =>
    responseBody([
      outputMessage([
        {
          ...outputText('ok'),
          annotations: [{ type: 'file_citation', filename: t, file_id: 'f', index: 0 }],
        },
      ]),
    ]),
  ),
  whole('an item of an unknown type', (t) =>
    responseBody([{ type: 'x_item', id: 'x', body: t }]),
  ),
  whole('the error of a failed answer', (t) =>
    responseBody([], {
      status: 'failed',
      error: { code: 'server_error', message: t },
    }),
  ),
  whole('an error', openaiError, { status: 400 }),
];

const embeddingsWhole = [
  whole('a field that no API has', (t) => ({
    object: 'list',
    model: 'm',
    x_note: t,
    data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
    usage: { prompt_tokens: 1 },
  })),
  whole('an error', openaiError, { status: 400 }),
];

const messagesWhole = [
  whole('the text', (t) => messageBody([{ type: 'text', text: t }])),
  whole('the second block', (t) =>
    messageBody(['ok', t].map((text) => ({ type: 'text', text }))),
  ),
  whole("a tool's input", (t) =>
    messageBody([{ type: 'tool_use', id: 'toolu_1', name: 'f', input: { to: [t] } }]),
  ),
  whole('the thinking', (t) =>
    messageBody([
      { type: 'thinking', thinking: t, signature: 'c2ln' },
      { type: 'text', text: 'ok' },
    ]),
  ),
  whole('where redacted thinking should be', (t) =>
    messageBody([{ type: 'redacted_thinking', data: t }]),
  ),
  whole('where a signature should be', (t) =>
    messageBody([{ type: 'thinking', thinking: 'ok', signature: t }]),
  ),
  whole('a citation', (t) =>
    messageBody([
      {
        type: 'text',
        text: 'ok',
        citations: [
          {
            type: 'char_location',
            cited_text: t,
            document_index: 0,
            document_title: null,
            start_char_index: 0,
            end_char_index: 1,
          },
        ],
      },
    ]),
  ),
  whole('the stop sequence', (t) =>
    messageBody([{ type: 'text', text: 'ok' }], { stop_sequence: t }),
  ),
  whole('a block of an unknown type', (t) => messageBody([{ type: 'x_block', body: t }])),
  whole('an error', anthropicError, { status: 400 }),
  whole('an overload', anthropicError, { status: 529 }),
];

const ollamaCall = (args) => ({ tool_calls: [{ function: { name: 'f', arguments: args } }] });
const ollamaChatWhole = [
  whole('the content', (t) => ollamaChat({ content: t })),
  whole('the thinking', (t) => ollamaChat({ content: 'ok', thinking: t })),
  whole("a tool's arguments", (t) => ollamaChat(ollamaCall({ to: [t] }))),
  whole('the reason of the end', (t) => ollamaChat({ content: 'ok' }, { done_reason: t })),
  whole('a field that no API has', (t) => ollamaChat({ content: 'ok' }, { x_vendor: t })),
  whole('where a time should be', (t) => ollamaChat({ content: 'ok' }, { created_at: t })),
  whole('an error', (t) => ({ error: t }), { status: 400 }),
  whole('a server error', (t) => ({ error: t }), { status: 500 }),
];
// Beside a redaction the conversation's tokens are taken out.
const withoutState = (answer, text) =>
  text.includes('[') ? { ...answer, context: null } : answer;
const ollamaGenerateWhole = [
  whole('the response', (t) => withoutState(ollamaText(t), t)),
  whole('the thinking', (t) => withoutState(ollamaText('ok', { thinking: t }), t)),
  whole('an error', (t) => ({ error: t }), { status: 404 }),
];

export const wholeRows = {
  chat: chatWhole,
  completions: completionsWhole,
  responses: responsesWhole,
  embeddings: embeddingsWhole,
  messages: messagesWhole,
  azure: chatWhole.slice(0, 3),
  ollama_chat: ollamaChatWhole,
  ollama_generate: ollamaGenerateWhole,
};

// Streams

const stream = (name, events, read, rest = {}) => ({ name, events, read, kind: 'text', ...rest });
const choicesOf = (events) => events.flatMap(({ data }) => data.choices ?? []);
const joinChat = (index, pick) => (events) =>
  choicesOf(events)
    .filter((choice) => choice.index === index)
    .map((choice) => pick(choice.delta) ?? '')
    .join('');
const chatEvents = (deltas) => [
  chatDelta({ role: 'assistant', content: '' }),
  ...deltas,
  chatStop(),
  done,
];
const field = (name) => [
  (pieces) => chatEvents(pieces.map((piece) => chatDelta({ [name]: piece }))),
  joinChat(0, (delta) => delta[name]),
];
const toolDelta = (args, rest = {}) =>
  chatDelta({
    tool_calls: [{ index: 0, ...rest, function: { arguments: args, ...rest.function } }],
  });
const toolEvents = (pieces) =>
  chatEvents([
    toolDelta('', { id: 'call_1', type: 'function', function: { name: 'f' } }),
    ...pieces.map((piece) => toolDelta(piece)),
  ]);
const toolArguments = joinChat(0, (delta) => delta.tool_calls?.[0].function.arguments);
const interleaved = (pieces) => [
  chatDelta({ role: 'assistant', content: '' }),
  chatDelta({ role: 'assistant', content: '' }, 1),
  ...pieces.flatMap((piece, i) => [
    chatDelta({ content: `${i} ` }),
    chatDelta({ content: piece }, 1),
  ]),
  chatStop(),
  chatStop(1),
  done,
];

const chatStreams = [
  stream('the content', ...field('content')),
  stream(
    'the second choice, between pieces of the other',
    interleaved,
    joinChat(1, (delta) => delta.content),
  ),
  stream('tool-call arguments', toolEvents, toolArguments, { kind: 'json' }),
  stream('arguments that are no JSON', toolEvents, toolArguments, { kind: 'loose' }),
  stream('the refusal', ...field('refusal')),
  stream('the reasoning', ...field('reasoning_content')),
  stream(
    'a message in pieces, where others have deltas',
    (pieces) => [
      ...pieces.map((content) =>
        chatChunk([{ index: 0, message: { role: 'assistant', content }, finish_reason: null }]),
      ),
      chatStop(),
      done,
    ],
    (events) =>
      choicesOf(events)
        .map((choice) => choice.message?.content ?? '')
        .join(''),
  ),
  stream(
    "a tool's name in pieces",
    (pieces) =>
      chatEvents(
        pieces.map((name) => chatDelta({ tool_calls: [{ index: 0, function: { name } }] })),
      ),
    joinChat(0, (delta) => delta?.tool_calls?.[0].function.name),
  ),
  stream('a field that no API has', ...field('x_note'), { whole: true }),
  stream(
    'a field beside the choices',
    ([text]) => [chatChunk([], { x_note: text }), chatStop(), done],
    (events) => events.map(({ data }) => data.x_note ?? '').join(''),
    { whole: true },
  ),
];

const completionStreams = [
  stream(
    'the text',
    (pieces) => [...pieces.map((piece) => textChunk(piece)), done],
    (events) =>
      choicesOf(events)
        .map(({ text }) => text)
        .join(''),
  ),
  stream(
    'the second choice',
    (pieces) => [...pieces.flatMap((piece) => [textChunk('a '), textChunk(piece, 1)]), done],
    (events) =>
      choicesOf(events)
        .filter(({ index }) => index === 1)
        .map(({ text }) => text)
        .join(''),
  ),
];

const joinDeltas = (type) => (events) =>
  events
    .filter((event) => event.type === type)
    .map(({ data }) => data.delta)
    .join('');
const at = { item_id: 'x_1', output_index: 0 };
const pieceEvents = (kind, place, pieces, rest = {}) => [
  ...pieces.map((delta) => [`response.${kind}.delta`, { ...at, ...place, delta }]),
  [`response.${kind}.done`, { ...at, ...place, ...rest }],
];

const responseStreams = [
  stream('the text', responseTextStream, joinDeltas('response.output_text.delta')),
  stream(
    'the refusal',
    (pieces) =>
      responseStream(
        outputMessage([]),
        pieceEvents('refusal', { content_index: 0 }, pieces, { refusal: pieces.join('') }),
        outputMessage([{ type: 'refusal', refusal: pieces.join('') }]),
      ),
    joinDeltas('response.refusal.delta'),
  ),
  stream(
    'function-call arguments',
    (pieces) =>
      responseStream(
        functionCall(''),
        pieceEvents('function_call_arguments', {}, pieces, { arguments: pieces.join('') }),
        functionCall(pieces.join('')),
      ),
    joinDeltas('response.function_call_arguments.delta'),
    { kind: 'json' },
  ),
  stream(
    'a summary of reasoning',
    (pieces) =>
      responseStream(
        reasoningItem([]),
        pieceEvents('reasoning_summary_text', { summary_index: 0 }, pieces, {
          text: pieces.join(''),
        }),
        reasoningItem([summaryText(pieces.join(''))]),
      ),
    joinDeltas('response.reasoning_summary_text.delta'),
  ),
  stream(
    'the reasoning',
    (pieces) =>
      responseStream(
        reasoningItem([]),
        pieceEvents('reasoning_text', { content_index: 0 }, pieces, { text: pieces.join('') }),
        reasoningItem([], [{ type: 'reasoning_text', text: pieces.join('') }]),
      ),
    joinDeltas('response.reasoning_text.delta'),
  ),
  stream(
    'the instructions, repeated',
    ([text]) => [
      named('response.created', {
        sequence_number: 0,
        response: responseBody([], { instructions: text }),
      }),
      named('response.completed', { sequence_number: 1, response: responseBody([]) }),
    ],
    (events) => events[0].data.response?.instructions ?? '',
    { whole: true },
  ),
];

const joinBlocks = (key) => (events) =>
  events.map(({ data }) => data.delta?.[key] ?? '').join('');
const blockStream = (block, type, key) => [
  (pieces) =>
    messageStream(
      block,
      pieces.map((piece) => ({ type, [key]: piece })),
    ),
  joinBlocks(key),
];

const messageStreams = [
  stream('the text', ...blockStream({ type: 'text', text: '' }, 'text_delta', 'text')),
  stream(
    "a tool's input",
    ...blockStream(
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      'input_json_delta',
      'partial_json',
    ),
    { kind: 'json' },
  ),
  stream(
    'the thinking',
    ...blockStream(
      { type: 'thinking', thinking: '', signature: '' },
      'thinking_delta',
      'thinking',
    ),
  ),
  stream(
    'a delta of a kind that is not known',
    ...blockStream({ type: 'brand_new' }, 'brand_new_delta', 'content'),
  ),
  stream(
    'the beginning of a block',
    ([text]) => messageStream({ type: 'text', text }, [{ type: 'text_delta', text: '' }]),
    (events) => events.map(({ data }) => data.content_block?.text ?? '').join(''),
    { whole: true },
  ),
  stream(
    'a citation',
    ([text]) =>
      messageStream({ type: 'text', text: '' }, [
        {
          type: 'citations_delta',
          citation: {
            type: 'char_location',
            cited_text: text,
            document_index: 0,
            document_title: null,
            start_char_index: 0,
            end_char_index: 1,
          },
        },
      ]),
    (events) => events.map(({ data }) => data.delta?.citation?.cited_text ?? '').join(''),
    { whole: true },
  ),
];

const joinLines = (pick) => (events) => events.map(({ data }) => pick(data) ?? '').join('');
const ollamaMessages = (name) => [
  (pieces) => ollamaChatStream(pieces.map((piece) => ({ role: 'assistant', [name]: piece }))),
  joinLines((data) => data.message?.[name]),
];
const ollamaChatStreams = [
  stream('the content', ...ollamaMessages('content')),
  stream('the thinking', ...ollamaMessages('thinking')),
  stream('a field that no API has', ...ollamaMessages('x_note')),
  stream(
    "a tool's arguments",
    ([text]) => ollamaChatStream([{ role: 'assistant', ...ollamaCall({ to: text }) }]),
    joinLines((data) => data.message?.tool_calls?.[0].function.arguments.to),
    { whole: true },
  ),
];
const ollamaParts = (name) => [
  (pieces) => ollamaTextStream(pieces.map((piece) => ({ response: '', [name]: piece }))),
  joinLines((data) => data[name]),
];
const ollamaGenerateStreams = [
  stream('the response', ...ollamaParts('response')),
  stream('the thinking', ...ollamaParts('thinking')),
  stream('a field that no API has', ...ollamaParts('x_note')),
];

export const streamRows = {
  chat: chatStreams,
  completions: completionStreams,
  responses: responseStreams,
  messages: messageStreams,
  azure: chatStreams.slice(0, 2),
  ollama_chat: ollamaChatStreams,
  ollama_generate: ollamaGenerateStreams,
};
