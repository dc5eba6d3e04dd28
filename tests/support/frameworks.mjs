// What applications do with agent frameworks of JavaScript, against anything that serves the demo
// core. Each case gives what the application sees; ids differ from run to run, so none is in it.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import {
  Agent,
  OpenAIProvider,
  Runner,
  setTracingDisabled,
  tool as agentTool,
} from '@openai/agents';
import { embedMany, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const model = 'o4-demo'; // its name says that it reasons
const question = '今天的会议 is about the quarterly plan';
const asksTool = 'use the tool please';
const toolSays = 'the plan is on page four';
const encrypted = 'reasoning.encrypted_content';
const query = z.object({ query: z.string() });

setTracingDisabled(true);

// Vercel AI SDK

const lookup = tool({
  description: 'Looks something up.',
  inputSchema: query,
  execute: async () => toolSays,
});
const steps = { tools: { lookup }, stopWhen: stepCountIs(3), maxRetries: 0 };
const openai = ({ url, key }) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
const anthropic = ({ url, key }) => createAnthropic({ baseURL: `${url}/v1`, apiKey: key });
const seen = ({ text, steps }) => [
  text,
  steps.map(({ toolCalls }) => toolCalls.map(({ toolName, input }) => [toolName, input])),
];

async function aiTurns(front, options) {
  const first = await generateText({
    model: openai(front)(model),
    prompt: asksTool,
    ...steps,
    providerOptions: { openai: options },
  });
  const messages = [
    { role: 'user', content: asksTool },
    ...first.response.messages,
    { role: 'user', content: question },
  ];
  const second = await generateText({
    model: openai(front)(model),
    messages,
    ...steps,
    providerOptions: { openai: options },
  });
  return [seen(first), seen(second)];
}

const ai = {
  'AI SDK: responses, stored': (front) => aiTurns(front, { reasoningEffort: 'low' }),
  'AI SDK: responses, stateless': (front) =>
    aiTurns(front, { reasoningEffort: 'low', store: false, include: [encrypted] }),
  'AI SDK: responses, streamed': async (front) => {
    const result = streamText({ model: openai(front)(model), prompt: asksTool, ...steps });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    return [text, await result.finishReason];
  },
  'AI SDK: chat completions': async (front) => {
    const options = { model: openai(front).chat('demo-1'), prompt: asksTool };
    return seen(await generateText({ ...options, ...steps }));
  },
  'AI SDK: embeddings': async (front) => {
    const { embeddings } = await embedMany({
      model: openai(front).textEmbedding('demo-1'),
      values: [question, 'and more'],
      maxRetries: 0,
    });
    return embeddings.map((vector) => vector.slice(0, 4));
  },
  'AI SDK: messages with thinking': async (front) => {
    const thinking = { type: 'enabled', budgetTokens: 1024 };
    const options = { model: anthropic(front)('demo-1'), prompt: asksTool, maxOutputTokens: 2048 };
    return seen(
      await generateText({ ...options, ...steps, providerOptions: { anthropic: { thinking } } }),
    );
  },
};

// LangChain

const chat = ({ url, key }, options) =>
  new ChatOpenAI({
    model,
    apiKey: key,
    maxRetries: 0,
    configuration: { baseURL: `${url}/v1` },
    ...options,
  });

const parameters = { type: 'object', properties: { query: { type: 'string' } } };

async function langchainTurns(front, options, more = {}) {
  const bound = chat(front, { useResponsesApi: true, ...options }).bindTools(
    [{ type: 'function', function: { name: 'lookup', parameters } }],
    more,
  );
  const asked = new HumanMessage(asksTool);
  const first = await bound.invoke([asked]);
  const [call] = first.tool_calls;
  const result = new ToolMessage({ content: toolSays, tool_call_id: call.id });
  const second = await bound.invoke([asked, first, result]);
  return [call.name, call.args, second.text];
}

const langchain = {
  'LangChain: chat completions': async (front) => (await chat(front).invoke(question)).text,
  'LangChain: responses, stored': (front) =>
    langchainTurns(front, { reasoning: { effort: 'low' } }),
  'LangChain: responses, stateless': (front) =>
    langchainTurns(
      front,
      { reasoning: { effort: 'low' }, zdrEnabled: true },
      { include: [encrypted] },
    ),
  'LangChain: responses, streamed': async (front) => {
    let text = '';
    const stream = await chat(front, { useResponsesApi: true }).stream(question);
    for await (const piece of stream) text += piece.text;
    return text;
  },
  'LangChain: embeddings': async (front) => {
    const embeddings = new OpenAIEmbeddings({
      model,
      apiKey: front.key,
      maxRetries: 0,
      configuration: { baseURL: `${front.url}/v1` },
    });
    const vectors = await embeddings.embedDocuments([question, 'and more']);
    return vectors.map((vector) => vector.slice(0, 4));
  },
};

// openai-agents

async function agentTurns({ url, key }, settings, stream = false) {
  const agent = new Agent({
    name: 'helper',
    instructions: 'You help.',
    model,
    modelSettings: settings,
    tools: [
      agentTool({
        name: 'lookup',
        description: 'Looks something up.',
        parameters: query,
        execute: async () => toolSays,
      }),
    ],
  });
  const provider = new OpenAIProvider({ apiKey: key, baseURL: `${url}/v1`, useResponses: true });
  const runner = new Runner({ modelProvider: provider });
  if (stream) {
    const result = await runner.run(agent, asksTool, { stream });
    let text = '';
    for await (const piece of result.toTextStream()) text += piece;
    await result.completed;
    return [text, result.finalOutput];
  }
  const first = await runner.run(agent, asksTool);
  const second = await runner.run(agent, [...first.history, { role: 'user', content: question }]);
  return [first.finalOutput, second.finalOutput];
}

const reasoning = { effort: 'low' };
const stateless = { reasoning, store: false, providerData: { include: [encrypted] } };
const agents = {
  'openai-agents: stored': (front) => agentTurns(front, { reasoning }),
  'openai-agents: stateless': (front) => agentTurns(front, stateless),
  'openai-agents: streamed': (front) => agentTurns(front, stateless, true),
};

export const cases = { ...ai, ...langchain, ...agents };
