// Records whose stored hash, or root, is not what they give; the next signed head tells which of
// the two is wrong.
//
//   suspects.add({seq, seq, exchange});
//   for (Problem& problem : suspects.settle(Settled::records_hold)) ...
//
// One thread. Memory: problems_listed_max.
#pragma once

#include "audit/verify.h"

#include <cstdint>
#include <string>
#include <vector>

namespace menshen::audit {

// "Record 7", "Records 7 to 9".
[[nodiscard]] std::string records_named(std::uint64_t first, std::uint64_t last);

struct Suspect {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string exchange{};
  bool named = false;  // already reported as something else
};

enum class Settled {
  records_hold,  // a head's root is theirs
  hashes_hold,   // it is that of what is stored beside them, or of neither
  never,         // no head came
};

class Suspects {
 public:
  void add(Suspect suspect);
  [[nodiscard]] bool empty() const noexcept { return suspects_.empty(); }
  // What is wrong; none is left.
  [[nodiscard]] std::vector<Problem> settle(Settled how);

 private:
  std::vector<Suspect> suspects_;
};

}  // namespace menshen::audit
