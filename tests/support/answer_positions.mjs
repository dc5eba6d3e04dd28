// Every place of a whole answer where a text can stand: rows of the position matrix. body(text)
// gives the document; `status` is 200 unless the row says otherwise.
import {
  chatBody,
  chatChoice,
  functionCall,
  messageBody,
  ollamaCall,
  ollamaChat,
  ollamaText,
  outputMessage,
  outputText,
  reasoningItem,
  responseBody,
  summaryText,
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
