// The readers of OpenAI's streams, whole answers and requests that are not those of all APIs.
#pragma once

#include "proxy/protocol/endpoint.h"

namespace menshen::protocol::openai {

RequestReader read_responses_request;
AnswerReader read_embeddings_answer;
EventReader read_chunk;  // of chat completions and completions
EventReader read_response_event;

}  // namespace menshen::protocol::openai
