"""What applications do with the client libraries of Python, against anything that serves the demo
core.

    clients.py URL KEY      one JSON object: what each case gave

tests/requirements.txt pins the libraries. Ids differ from run to run, so none is part of a result.
"""
import asyncio
import json
import sys

import anthropic
import openai
import tiktoken
from agents import Agent, ModelSettings, OpenAIResponsesModel, Runner, function_tool
from agents import set_tracing_disabled
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai.types.shared import Reasoning

QUESTION = "今天的会议 is about the quarterly plan"
ASKS_TOOL = "use the tool please"
PERSONAL = "mail li.lei@example.com about the plan"
MODEL = "o4-demo"  # its name says that it reasons
ENCRYPTED = "reasoning.encrypted_content"
SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"],
          "additionalProperties": False}
TOOL_SAYS = "the plan is on page four"
THINKING = {"type": "enabled", "budget_tokens": 1024}


def bytes_as_tokens(*_):
    """tiktoken loads its tables from the network; this one has a token for each byte."""
    ranks = {bytes([value]): value for value in range(256)}
    return tiktoken.Encoding("bytes", pat_str=r"[\s\S]", mergeable_ranks=ranks, special_tokens={})


tiktoken.encoding_for_model = tiktoken.get_encoding = bytes_as_tokens


class Openai:
    def __init__(self, url, key):
        self.client = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)

    def chat(self):
        answer = self.client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": QUESTION}])
        return answer.choices[0].message.content

    def chat_streamed(self):
        stream = self.client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": QUESTION}], stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    def personal_data(self):
        answer = self.client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": PERSONAL}])
        return answer.choices[0].message.content

    def responses_stateless_turns(self):
        """The reasoning goes back encrypted, as the guide for zero data retention says."""
        tool = {"type": "function", "name": "lookup", "parameters": SCHEMA, "strict": True}
        given = [{"role": "user", "content": ASKS_TOOL}]
        asked = {"model": MODEL, "store": False, "include": [ENCRYPTED], "tools": [tool],
                 "reasoning": {"effort": "low", "summary": "auto"}}
        first = self.client.responses.create(input=given, **asked)
        given += first.output
        call = first.output[-1]
        given.append({"type": "function_call_output", "call_id": call.call_id, "output": TOOL_SAYS})
        second = self.client.responses.create(input=given, **asked)
        return [[item.type for item in first.output], json.loads(call.arguments),
                len(first.output[0].encrypted_content), second.output_text]

    def responses_streamed(self):
        with self.client.responses.stream(model=MODEL, input=QUESTION) as stream:
            deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
            return ["".join(deltas), stream.get_final_response().output_text]

    def responses_previous(self):
        first = self.client.responses.create(model=MODEL, input=QUESTION)
        again = self.client.responses.create(
            model=MODEL, input="and then?", previous_response_id=first.id)
        return again.output_text

    def embeddings(self):
        answer = self.client.embeddings.create(model=MODEL, input=[QUESTION, "and more"])
        return [entry.embedding[:4] for entry in answer.data]

    def models(self):
        return [model.id for model in self.client.models.list()]


class Anthropic:
    def __init__(self, url, key):
        self.client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    def messages_streamed(self):
        said = [{"role": "user", "content": QUESTION}]
        with self.client.messages.stream(model=MODEL, max_tokens=64, messages=said) as stream:
            return ["".join(stream.text_stream), stream.get_final_message().stop_reason]

    def thinking_turns(self):
        given = [{"role": "user", "content": ASKS_TOOL}]
        asked = {"model": MODEL, "max_tokens": 2048, "thinking": THINKING,
                 "tools": [{"name": "lookup", "input_schema": SCHEMA}]}
        first = self.client.messages.create(messages=given, **asked)
        call = first.content[-1]
        given.append({"role": "assistant", "content": first.content})
        given.append({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call.id, "content": TOOL_SAYS}]})
        second = self.client.messages.create(messages=given, **asked)
        return [[block.type for block in first.content], call.input, second.content[-1].text]

    def count_tokens(self):
        counted = self.client.messages.count_tokens(
            model=MODEL, messages=[{"role": "user", "content": QUESTION}])
        return counted.input_tokens


def lookup(query: str) -> str:
    """Looks something up."""
    return TOOL_SAYS


class LangChain:
    def __init__(self, url, key):
        self.openai = {"model": MODEL, "base_url": url + "/v1", "api_key": key, "max_retries": 0}
        self.anthropic = {"model": MODEL, "base_url": url, "api_key": key, "max_retries": 0}

    def tool_turns(self, model):
        model = model.bind_tools([lookup])
        asked = [HumanMessage(ASKS_TOOL)]
        first = model.invoke(asked)
        call = first.tool_calls[0]
        second = model.invoke([*asked, first, ToolMessage(TOOL_SAYS, tool_call_id=call["id"])])
        return [call["name"], call["args"], second.text]

    def chat_completions(self):
        return ChatOpenAI(**self.openai).invoke(QUESTION).text

    def responses(self):
        return self.tool_turns(ChatOpenAI(
            **self.openai, use_responses_api=True, reasoning={"effort": "low"}))

    def responses_stateless(self):
        return self.tool_turns(ChatOpenAI(
            **self.openai, use_responses_api=True, store=False, include=[ENCRYPTED],
            reasoning={"effort": "low", "summary": "auto"}))

    def responses_streamed(self):
        model = ChatOpenAI(**self.openai, use_responses_api=True, store=False)
        return "".join(chunk.text for chunk in model.stream(QUESTION))

    def embeddings(self):
        """By default the texts go as numbers of tokens."""
        vectors = OpenAIEmbeddings(**self.openai).embed_documents([QUESTION, "and more"])
        return [vector[:4] for vector in vectors]

    def thinking(self):
        return self.tool_turns(ChatAnthropic(
            **self.anthropic, max_tokens=2048, thinking=THINKING))


class Agents:
    """openai-agents"""

    def __init__(self, url, key):
        self.front = {"base_url": url + "/v1", "api_key": key, "max_retries": 0}
        set_tracing_disabled(True)

    def agent(self, **settings):
        client = openai.AsyncOpenAI(**self.front)  # one for each event loop
        return Agent(name="helper", instructions="You help.", tools=[function_tool(lookup)],
                     model=OpenAIResponsesModel(model=MODEL, openai_client=client),
                     model_settings=ModelSettings(reasoning=Reasoning(effort="low"), **settings))

    def turns(self, agent):
        async def both():
            first = await Runner.run(agent, ASKS_TOOL)
            second = await Runner.run(
                agent, [*first.to_input_list(), {"role": "user", "content": QUESTION}])
            return [first.final_output, second.final_output]
        return asyncio.run(both())

    def stored(self):
        return self.turns(self.agent())

    def stateless(self):
        return self.turns(self.agent(store=False, response_include=[ENCRYPTED]))

    def streamed(self):
        async def run():
            agent = self.agent(store=False, response_include=[ENCRYPTED])
            streaming = Runner.run_streamed(agent, ASKS_TOOL)
            kinds = [event.type async for event in streaming.stream_events()]
            return [streaming.final_output, sorted(set(kinds))]
        return asyncio.run(run())


def main():
    results = {}
    for library in (Openai, Anthropic, LangChain, Agents):
        used = library(*sys.argv[1:])
        for name in vars(library):
            if name.startswith("_") or name in ("agent", "turns", "tool_turns"):
                continue
            try:
                result = getattr(used, name)()
            except Exception as error:  # what an application would see
                result = {"error": f"{type(error).__name__}: {error}"}
            results[f"{library.__name__}: {name}"] = result
    print(json.dumps(results, ensure_ascii=False))


if __name__ == "__main__":
    main()
