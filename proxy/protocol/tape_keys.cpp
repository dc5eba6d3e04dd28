#include "proxy/protocol/tape_keys.h"

#include "proxy/protocol/fold.h"
#include "proxy/protocol/json_string.h"

#include <algorithm>

namespace menshen::protocol {

namespace {

constexpr std::size_t few_keys = 16;

}  // namespace

void KeyStack::push(std::string_view text, NodeId id, Node& node, const Vocabulary& words) {
  if (node.escaped) {
    append_decoded(decoded_.emplace_back(), text);
    text = decoded_.back();
  }
  const std::uint64_t hash = hash_bytes(text);
  node.word = words.find(text, hash);
  std::string_view folded = text;
  const bool as_it_is = node.word != no_word ? words.is_folded(node.word) : is_folded(text);
  if (!as_it_is) folded = decoded_.emplace_back(fold_case(text));
  node.folds_to_word = node.word == no_word && words.folds_to_word(folded);
  keys_.push_back({hash, text, folded, id});
}

NodeId KeyStack::close(const Mark& mark, std::span<Node> nodes) {
  const Keys keys = Keys(keys_).subspan(mark.keys);
  const NodeId twice = duplicate(keys);
  if (twice == no_node) mark_twins(keys, nodes);
  keys_.resize(mark.keys);
  decoded_.resize(mark.decoded);
  return twice;
}

NodeId KeyStack::duplicate(Keys keys) {
  const auto equal = [](const Key& a, const Key& b) {
    return a.hash == b.hash && a.text == b.text;
  };
  if (keys.size() <= few_keys) {
    for (auto a = keys.begin(); a != keys.end(); ++a) {
      for (auto b = keys.begin(); b != a; ++b) {
        if (equal(*a, *b)) return a->node;
      }
    }
    return no_node;
  }
  std::ranges::sort(keys, [](const Key& a, const Key& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.text < b.text;
  });
  const auto twin = std::ranges::adjacent_find(keys, equal);
  return twin == keys.end() ? no_node : std::max(twin->node, (twin + 1)->node);
}

void KeyStack::mark_twins(Keys keys, std::span<Node> nodes) {
  const auto differs = [](const Key& key) { return key.folded.data() != key.text.data(); };
  if (std::ranges::none_of(keys, differs)) return;
  std::ranges::sort(keys, [](const Key& a, const Key& b) { return a.folded < b.folded; });
  for (auto key = keys.begin(); key + 1 < keys.end(); ++key) {
    if (key->folded != (key + 1)->folded) continue;
    nodes[key->node].has_twin = true;
    nodes[(key + 1)->node].has_twin = true;
  }
}

void KeyStack::reset(std::size_t kept_bytes_max) {
  keys_.clear();
  decoded_.clear();
  if (keys_.capacity() * sizeof(Key) > kept_bytes_max) std::vector<Key>().swap(keys_);
}

}  // namespace menshen::protocol
