// The keys of the objects that are being read: which word each is, whether one stands twice, and
// which ones only case tells apart. Private to the tape.
//
// A stack, as objects nest: mark() when one opens, push() for each of its keys, close() at its end.
#pragma once

#include "proxy/protocol/tape.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

class KeyStack {
 public:
  struct Mark {
    std::size_t keys;
    std::size_t decoded;
  };

  // The keys of one object lie on top of those before it.
  [[nodiscard]] Mark mark() const noexcept { return {keys_.size(), decoded_.size()}; }
  // `text`: as it is written; its escapes are good. It lives until close(). Fills what `node` says
  // of a key.
  void push(std::string_view text, NodeId id, Node& node, const Vocabulary& words);
  // Takes the keys since `mark` off and gives the node of one that stands there twice; no_node:
  // none does, and twins are marked in `nodes`. Whether those matter is known to the readers of the
  // tape.
  [[nodiscard]] NodeId close(const Mark& mark, std::span<Node> nodes);

  // For another document. Memory beyond `kept_bytes_max` is given back.
  void reset(std::size_t kept_bytes_max);

 private:
  struct Key {
    std::uint64_t hash = 0;
    std::string_view text;    // decoded
    std::string_view folded;  // the same bytes as `text` where that is folded
    NodeId node = 0;
  };
  using Keys = std::span<Key>;
  static NodeId duplicate(Keys keys);
  static void mark_twins(Keys keys, std::span<Node> nodes);

  std::vector<Key> keys_;
  std::deque<std::string> decoded_;  // and folded ones, of the objects that are open
};

}  // namespace menshen::protocol
