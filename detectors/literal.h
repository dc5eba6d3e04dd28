// One known text that is looked for in a text, whatever a policy says: a secret of the gateway's
// own at a provider, which an answer may repeat.
//
//   const std::vector<Literal> literals{Literal("sk-..."), Literal("token")};
//   scanner.reset(literals);    // escapes are decoded before they are looked for
//
// Immutable, any thread; outlives the scans. The scanner holds back at most as much of a text as
// the beginning of a literal that stands at its end. Linear: Knuth, Morris, Pratt (1977), once for
// each literal.
#pragma once

#include "core/finding.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

// What a literal is found as. No detector finds it, so that no list of types has it.
extern const core::FindingType provider_credential;

class Literal {
 public:
  explicit Literal(std::string_view text);  // not empty

  [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }

  // Reads on where `matched` bytes of the literal stand before `text`: to behind the next whole one
  // (then matched == size()), or to the end of the text. Returns how far it came.
  std::size_t advance(std::string_view text, std::size_t& matched) const noexcept;

 private:
  std::string text_;
  std::vector<std::uint32_t> borders_;  // of each prefix: its longest proper prefix that ends it
};

}  // namespace menshen::detectors
