// The readers of Ollama's documents: chats and generations, whole and line by line.
#pragma once

#include "proxy/protocol/endpoint.h"

namespace menshen::protocol::ollama {

RequestReader read_ollama_request;
AnswerReader read_ollama_answer;
EventReader read_line;

}  // namespace menshen::protocol::ollama
