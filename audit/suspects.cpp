#include "audit/suspects.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

std::string lower(std::string text) {
  text[0] = 'r';
  return text;
}

Problem wrong_hash(const Suspect& suspect) {
  return {ProblemKind::stored_hash, suspect.first, suspect.last, suspect.exchange,
          "What is stored with " + lower(records_text(suspect.first, suspect.last)) +
              " was altered; the records themselves are those that were signed."};
}

Problem wrong_record(const Suspect& suspect, bool signed_already) {
  const bool one = suspect.first == suspect.last;
  std::string what = records_text(suspect.first, suspect.last);
  what += one ? " was altered" : ": one of them was altered, together with its stored hash";
  what += signed_already ? "." : ", or its stored hash was; no head signed it yet.";
  return {ProblemKind::altered, suspect.first, suspect.last, suspect.exchange, std::move(what)};
}

}  // namespace

std::string records_text(std::uint64_t first, std::uint64_t last) {
  const std::string begin = std::to_string(first);
  return first == last ? "Record " + begin : "Records " + begin + " to " + std::to_string(last);
}

void Suspects::add(Suspect suspect) {
  const bool known = std::ranges::any_of(all_, [&](const Suspect& other) {
    return other.first >= suspect.first && other.last <= suspect.last;
  });
  if (!known && all_.size() < problems_listed_max) all_.push_back(std::move(suspect));
}

std::vector<Problem> Suspects::settle(Truth truth) {
  std::vector<Problem> out;
  for (const Suspect& suspect : std::exchange(all_, {})) {
    if (truth == Truth::records) {
      out.push_back(wrong_hash(suspect));
    } else if (!suspect.named) {
      out.push_back(wrong_record(suspect, truth == Truth::stored));
    }
  }
  return out;
}

}  // namespace menshen::audit
