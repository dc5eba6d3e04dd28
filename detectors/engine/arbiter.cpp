#include "detectors/engine/arbiter.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace menshen::detectors {
namespace {

// Spans that are taken, disjoint: where each begins, and ends.
class Taken {
 public:
  // Calls part(begin, end) for each part of the span that is free, and takes it all.
  template <class Part>
  void take(std::size_t begin, std::size_t end, Part&& part) {
    auto next = spans_.upper_bound(begin);
    if (next != spans_.begin() && std::prev(next)->second >= begin) --next;
    std::size_t from = begin;
    std::size_t first = begin;
    std::size_t last = end;
    while (next != spans_.end() && next->first <= end) {
      if (next->first > from) part(from, next->first);
      from = std::max(from, next->second);
      first = std::min(first, next->first);
      last = std::max(last, next->second);
      next = spans_.erase(next);
    }
    if (from < end) part(from, end);
    spans_.emplace(first, last);
  }

 private:
  std::map<std::size_t, std::size_t> spans_;
};

// The stronger before the weaker.
auto strength(const core::Finding& f) {
  return std::tuple(-f.confidence, ~(f.end - f.begin), f.begin, f.type->name);
}

auto place(const core::Finding& f) {
  return std::tuple(f.begin, ~f.end, f.type->name, f.continued);
}

}  // namespace

void arbitrate(std::vector<core::Finding>& findings, std::size_t from,
               std::span<const core::FindingType* const> told) {
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(from);
  const auto is_form = [told](const core::Finding& f) {
    return std::ranges::find(told, f.type) == told.end();
  };
  const auto words = std::stable_partition(begin, findings.end(), is_form);
  if (words == findings.end()) return;
  const auto is_secret = [](const core::Finding& f) {
    return f.type->category == core::Category::secret;
  };
  Taken taken;
  Taken taken_secrets;
  const auto nothing = [](std::size_t, std::size_t) {};
  for (auto f = begin; f != words; ++f) {
    taken.take(f->begin, f->end, nothing);
    if (is_secret(*f)) taken_secrets.take(f->begin, f->end, nothing);
  }
  std::vector<core::Finding> weaker(words, findings.end());
  findings.erase(words, findings.end());
  std::ranges::sort(weaker, {}, strength);
  for (const core::Finding& f : weaker) {
    (is_secret(f) ? taken_secrets : taken)
        .take(f.begin, f.end, [&](std::size_t part_begin, std::size_t part_end) {
          core::Finding part = f;
          part.begin = part_begin;
          part.end = part_end;
          part.continued = f.continued && part_begin == f.begin;
          part.part = f.part || part_begin != f.begin || part_end != f.end;
          findings.push_back(part);
        });
  }
  std::ranges::sort(findings.begin() + static_cast<std::ptrdiff_t>(from), findings.end(), {},
                    place);
}

}  // namespace menshen::detectors
