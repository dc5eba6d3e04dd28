// Places where two texts of one speaker stand side by side, as rows of the position matrix: whoever
// reads them reads one text, so a value may be cut between them. And places where two texts stand
// side by side that nobody reads as one.
//
// requests: change(a, b) gives the change to the API's smallest request. whole: body(a, b) gives
// the answer. streams: events(a, b) gives the events, read(events) the two texts as a client gets
// them, and said(events) all other texts that repeat them.
import {
  chatBody,
  chatChoice,
  messageBody,
  named,
  outputMessage,
  outputText,
  responseBody,
} from './apis.mjs';

const row = (name, change) => ({ name, change });
const user = (content) => ({ role: 'user', content });
const assistant = (content) => ({ role: 'assistant', content });
const system = (content) => ({ role: 'system', content });
const text = (value) => ({ type: 'text', text: value });
const input = (value) => ({ type: 'input_text', text: value });
const question = user('what now?');
const chat = (...messages) => ({ messages: [...messages, assistant('I see.'), question] });
const items = (...list) => ({ input: [...list, assistant('I see.'), question] });
const call = (id) => ({ id, type: 'function', function: { name: 'find', arguments: '{}' } });
const calls = { role: 'assistant', content: null, tool_calls: [call('c_1'), call('c_2')] };
const tool = (id, content) => ({ role: 'tool', tool_call_id: id, content });
const output = (id, value) => ({ type: 'function_call_output', call_id: id, output: value });
const result = (id, content) => ({ type: 'tool_result', tool_use_id: id, content });
const image = { type: 'image_url', image_url: { url: 'https://example.org/a.png' } };

export const joinedRequests = {
  chat: [
    row('parts of a user message', (a, b) => chat(user([text(a), text(b)]))),
    row('parts around an image', (a, b) => chat(user([text(a), image, text(b)]))),
    row('parts of a system message', (a, b) => chat(system([text(a), text(b)]))),
    row('two user messages', (a, b) => chat(user(a), user(b))),
    row('a message and a part', (a, b) => chat(user(a), user([text(b)]))),
    row('a system and a developer message', (a, b) =>
      chat(system(a), { role: 'developer', content: b }),
    ),
    row('two earlier answers', (a, b) => ({ messages: [assistant(a), assistant(b), question] })),
    row("parts of a tool's result", (a, b) => chat(calls, tool('c_1', [text(a), text(b)]))),
  ],
  responses: [
    row('parts of a message', (a, b) => items(user([input(a), input(b)]))),
    row('two messages', (a, b) => items(user(a), user(b))),
    row('parts of an earlier answer', (a, b) =>
      items(outputMessage([outputText(a), outputText(b)])),
    ),
    row("parts of a function's output", (a, b) => items(output('c_1', [input(a), input(b)]))),
  ],
  messages: [
    row('blocks of a user message', (a, b) => chat(user([text(a), text(b)]))),
    row('two user messages', (a, b) => chat(user(a), user(b))),
    row('system blocks', (a, b) => ({ system: [text(a), text(b)] })),
    row('blocks of an earlier answer, cited', (a, b) =>
      chat(question, assistant([{ ...text(a), citations: [] }, text(b)])),
    ),
    row("blocks of a tool's result", (a, b) => chat(user([result('t_1', [text(a), text(b)])]))),
    row('blocks of a document', (a, b) =>
      chat(user([{ type: 'document', source: { type: 'content', content: [text(a), text(b)] } }])),
    ),
    row('blocks of thinking', (a, b) =>
      chat(
        question,
        assistant([
          { type: 'thinking', thinking: a, signature: 'c2ln' },
          { type: 'thinking', thinking: b, signature: 'c2ln' },
        ]),
      ),
    ),
  ],
};

export const separateRequests = {
  chat: [
    row('a question and an answer', (a, b) => ({ messages: [user(a), assistant(b), question] })),
    row('results of two tools', (a, b) => chat(calls, tool('c_1', a), tool('c_2', b))),
    row('two texts around a call', (a, b) => ({
      messages: [assistant(a), calls, tool('c_1', 'ok'), tool('c_2', 'ok'), assistant(b), question],
    })),
  ],
  completions: [row('two prompts', (a, b) => ({ prompt: [a, b] }))],
  responses: [row('outputs of two calls', (a, b) => items(output('c_1', a), output('c_2', b)))],
  embeddings: [row('two inputs', (a, b) => ({ input: [a, b] }))],
  messages: [
    row('results of two tools', (a, b) => chat(user([result('t_1', a), result('t_2', b)]))),
    row('a document and a question', (a, b) =>
      chat(
        user([
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: a } },
          text(b),
        ]),
      ),
    ),
  ],
};

const whole = (name, body) => ({ name, body });
export const joinedAnswers = {
  chat: [
    whole('parts of the content', (a, b) =>
      chatBody([chatChoice({ content: [text(a), text(b)] })]),
    ),
  ],
  responses: [
    whole('parts of a message', (a, b) =>
      responseBody([outputMessage([outputText(a), outputText(b)])]),
    ),
    whole('two messages', (a, b) =>
      responseBody([outputMessage([outputText(a)]), outputMessage([outputText(b)])]),
    ),
  ],
  messages: [
    whole('blocks', (a, b) => messageBody([text(a), text(b)])),
    whole('blocks with citations', (a, b) =>
      messageBody([{ ...text(a), citations: [] }, { ...text(b), citations: [] }]),
    ),
  ],
};

export const separateAnswers = {
  chat: [
    whole('two choices', (a, b) =>
      chatBody([chatChoice({ content: a }), chatChoice({ content: b }, 1)]),
    ),
  ],
};

const began = named('message_start', { message: messageBody([], { stop_reason: null }) });
const ended = [
  named('message_delta', {
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 7 },
  }),
  named('message_stop', {}),
];
const cited = {
  type: 'citations_delta',
  citation: {
    type: 'char_location',
    cited_text: 'quoted',
    document_index: 0,
    document_title: null,
    start_char_index: 0,
    end_char_index: 6,
  },
};
const block = (index, begin, deltas) => [
  named('content_block_start', { index, content_block: begin }),
  ...deltas.map((delta) => named('content_block_delta', { index, delta })),
  named('content_block_stop', { index }),
];
const spoken = (value) => ({ type: 'text_delta', text: value });
const thought = (value) => ({ type: 'thinking_delta', thinking: value });
const thinking = { type: 'thinking', thinking: '', signature: '' };
const ofBlock = (events, index) =>
  events
    .filter(({ data }) => data.index === index)
    .map(({ data }) => data.delta?.text ?? data.delta?.thinking ?? data.content_block?.text ?? '')
    .join('');
const ofBlocks = (events) => [ofBlock(events, 0), ofBlock(events, 1)];

// Two parts, of one item or of two.
function twoParts(a, b, placeOf, outputs) {
  const events = [['response.created', { response: responseBody([], { status: 'in_progress' }) }]];
  [a, b].forEach((value, i) => {
    const at = placeOf(i);
    const first = i === 0 || at.output_index !== 0;
    if (first) {
      events.push(['response.output_item.added', { ...at, item: outputMessage([]) }]);
    }
    events.push(
      ['response.content_part.added', { ...at, part: outputText('') }],
      ['response.output_text.delta', { ...at, delta: value }],
      ['response.output_text.done', { ...at, text: value }],
      ['response.content_part.done', { ...at, part: outputText(value) }],
    );
    if (outputs.length === 2) {
      events.push(['response.output_item.done', { ...at, item: outputs[i] }]);
    }
  });
  if (outputs.length === 1) {
    events.push(['response.output_item.done', { output_index: 0, item: outputs[0] }]);
  }
  events.push(['response.completed', { response: responseBody(outputs) }]);
  return events.map(([type, data], number) => named(type, { sequence_number: number, ...data }));
}
const ofParts = (events) => {
  const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
  return deltas.map(({ data }) => data.delta);
};
const whatIsDone = (events) => {
  const values = [];
  for (const { type, data } of events) {
    if (type === 'response.output_text.done') values.push(data.text);
    if (type === 'response.content_part.done') values.push(data.part.text);
  }
  return values;
};

const stream = (name, events, read, said) => ({ name, events, read, said });
export const joinedStreams = {
  responses: [
    stream(
      'parts of a message',
      (a, b) =>
        twoParts(a, b, (i) => ({ item_id: 'm', output_index: 0, content_index: i }), [
          outputMessage([outputText(a), outputText(b)]),
        ]),
      ofParts,
      whatIsDone,
    ),
    stream(
      'two messages',
      (a, b) =>
        twoParts(a, b, (i) => ({ item_id: `m${i}`, output_index: i, content_index: 0 }), [
          outputMessage([outputText(a)]),
          outputMessage([outputText(b)]),
        ]),
      ofParts,
      whatIsDone,
    ),
  ],
  messages: [
    stream(
      'blocks',
      (a, b) => [began, ...block(0, text(''), [spoken(a)]), ...block(1, text(b), []), ...ended],
      ofBlocks,
    ),
    stream(
      'blocks with citations',
      (a, b) => [
        began,
        ...block(0, text(''), [spoken(a), cited]),
        ...block(1, text(''), [spoken(b), cited]),
        ...ended,
      ],
      ofBlocks,
    ),
    stream(
      'blocks of thinking',
      (a, b) => [
        began,
        ...block(0, thinking, [thought(a)]),
        ...block(1, thinking, [thought(b)]),
        ...ended,
      ],
      ofBlocks,
    ),
  ],
};

export const separateStreams = {
  messages: [
    stream(
      'blocks around a call',
      (a, b) => [
        began,
        ...block(0, text(''), [spoken(a)]),
        ...block(2, { type: 'tool_use', id: 't', name: 'f', input: {} }, []),
        ...block(1, text(''), [spoken(b)]),
        ...ended,
      ],
      ofBlocks,
    ),
  ],
};
