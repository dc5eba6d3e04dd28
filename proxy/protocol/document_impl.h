// What a Document holds.
#pragma once

#include "proxy/protocol/document.h"
#include "proxy/protocol/tape.h"
#include "proxy/protocol/tokens/encoding.h"

#include <string>
#include <vector>

namespace menshen::protocol {

struct Document::Impl {
  Tape tape;
  std::vector<Leaf> leaves;
  std::vector<std::string> models;  // of a request: the one it names, then its fallbacks
  NodeId model_node = no_node;
  NodeId state_node = no_node;                 // of an answer (LeafWriter::keep_state)
  const tokens::Encoding* encoding = nullptr;  // of its lists of tokens
  bool has_token_lists = false;
  bool stream = false;
  Usage usage;
};

}  // namespace menshen::protocol
