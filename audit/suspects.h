// What verify() has doubts about until a signed head settles it: a stored hash, or a root, that is
// not what the records give. One of the two is wrong.
//
//   Suspects suspects;
//   suspects.add({.first = 12, .last = 12});
//   for (auto& problem : suspects.settle(Suspects::Truth::records)) report(problem);
//
// One thread. Memory: problems_listed_max of them.
#pragma once

#include "audit/verify.h"

#include <cstdint>
#include <string>
#include <vector>

namespace menshen::audit {

struct Suspect {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string exchange{};
  bool named = false;  // already reported as something else
};

// "Record 3", "Records 3 to 5".
[[nodiscard]] std::string records_text(std::uint64_t first, std::uint64_t last);

class Suspects {
 public:
  // What is right according to the head; unsigned_yet: there is none.
  enum class Truth : std::uint8_t { records, stored, unsigned_yet };

  // One that holds another is not added: the smaller says more.
  void add(Suspect suspect);
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  // What is wrong with each; none is suspected afterwards.
  [[nodiscard]] std::vector<Problem> settle(Truth truth);

 private:
  std::vector<Suspect> all_;
};

}  // namespace menshen::audit
