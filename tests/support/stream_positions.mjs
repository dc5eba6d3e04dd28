// Every place of a stream where a text can stand: rows of the position matrix. events(pieces) gives
// the events of one text that comes in pieces, and read(events) joins it again from parsed events.
// `whole: true`: the place is not split over events.
import {
  chatChunk,
  chatDelta,
  chatStop,
  done,
  functionCall,
  messageStream,
  named,
  ollamaCall,
  ollamaChatStream,
  ollamaTextStream,
  outputMessage,
  reasoningItem,
  responseBody,
  responseStream,
  responseTextStream,
  summaryText,
  textChunk,
} from './apis.mjs';

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
