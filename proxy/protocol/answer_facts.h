// What a provider says of its answer as a whole: which model made it, how it calls it, why it
// ended. Texts of a stranger: whoever keeps them looks at them first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

struct AnswerFacts {
  // Longer names are cut behind this many bytes.
  static constexpr std::size_t name_bytes_max = 256;

  // Where they were said first; empty: they were not.
  std::string id;
  std::string model;
  // Of each choice that ended: words of the APIs (static storage), ascending, each once; what is
  // none of them is "(other)".
  std::vector<std::string_view> finish;

  void add_finish(std::string_view reason);
};

}  // namespace menshen::protocol
