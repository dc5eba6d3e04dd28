// The texts of a document: each leaf that stands alone, and each channel's leaves together.
#pragma once

#include "core/error.h"
#include "proxy/protocol/document.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace menshen::pipeline {

// Calls visit(leaves) for each text of a document that can be read, always in the same order. What
// it leaves of the list is not looked at again.
template <class Visit>
core::Result<void> each_text(const protocol::Document& document, Visit visit) {
  const auto leaves = document.leaves();
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> channels;
  std::vector<std::uint32_t> alone;
  for (std::uint32_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind == protocol::LeafKind::opaque) continue;  // what can be read has own leaves
    if (leaves[i].channel != protocol::no_channel) {
      channels[leaves[i].channel].push_back(i);
      continue;
    }
    alone.assign(1, i);
    if (auto visited = visit(alone); !visited) return visited;
  }
  for (auto& [channel, of_text] : channels) {
    if (auto visited = visit(of_text); !visited) return visited;
  }
  return {};
}

}  // namespace menshen::pipeline
