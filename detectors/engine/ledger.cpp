#include "detectors/engine/ledger.h"

#include "detectors/engine/arbiter.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace menshen::detectors {
namespace {

auto order(const core::Finding& f) {
  return std::tuple(f.begin, ~f.end, f.type->name, f.continued, ~static_cast<unsigned>(f.place),
                    f.depth);
}

bool before(const core::Finding& a, const core::Finding& b) { return order(a) < order(b); }

}  // namespace

void Ledger::reset() {
  waiting_.clear();
  released_.clear();
  taken_.clear();
  first_ = 0;
  settled_ = 0;
}

void Ledger::cut_at(std::size_t position) {
  const std::size_t count = waiting_.size();
  for (std::size_t i = first_; i < count; ++i) {
    if (waiting_[i].begin >= position || waiting_[i].end <= position) continue;
    core::Finding rest = waiting_[i];
    rest.begin = position;
    rest.continued = true;
    rest.part = true;
    waiting_[i].end = position;
    waiting_[i].part = true;
    waiting_.push_back(rest);
  }
  std::ranges::sort(waiting_.begin() + static_cast<std::ptrdiff_t>(first_), waiting_.end(), before);
}

// One past the first chain of findings that overlap, cut where it is too long; `undecided` or less
// when it is complete. Which findings begin before that point is known, so it is the same however
// much more is known.
std::size_t Ledger::chain_end(std::size_t undecided) {
  constexpr auto unknown = static_cast<std::size_t>(-1);
  const std::size_t begin = waiting_[first_].begin;
  std::size_t reach = begin + 1;
  std::size_t cut = unknown;
  for (const core::Finding& f : std::span(waiting_).subspan(first_)) {
    if (f.begin >= reach) break;
    reach = std::max(reach, f.end);
    if (f.end > begin + chain_bytes_max) cut = std::min(cut, f.end);
  }
  if (cut > undecided || cut >= reach) return reach;
  cut_at(cut);
  return cut;
}

void Ledger::settle(std::size_t undecided) {
  if (!waiting_.empty()) std::ranges::sort(waiting_, before);
  while (first_ < waiting_.size() && waiting_[first_].begin < undecided) {
    const std::size_t end = chain_end(undecided);
    if (end > undecided) {
      undecided = waiting_[first_].begin;
      break;
    }
    release(end);
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
  settled_ = std::max(settled_, undecided);
}

void Ledger::release(std::size_t before_point) {
  last_of_type_.clear();
  const std::size_t begin = released_.size();
  for (; first_ < waiting_.size() && waiting_[first_].begin < before_point; ++first_) {
    const core::Finding& f = waiting_[first_];
    const auto last =
        std::ranges::find(last_of_type_, f.type, [](const auto& l) { return l.first; });
    if (last == last_of_type_.end()) {
      last_of_type_.emplace_back(f.type, released_.size());
    } else if (f.begin < released_[last->second].end) {
      core::Finding& joined = released_[last->second];
      joined.end = std::max(joined.end, f.end);
      joined.confidence = std::max(joined.confidence, f.confidence);
      joined.ignored &= f.ignored;
      continue;
    } else {
      last->second = released_.size();
    }
    released_.push_back(f);
  }
  if (!told_.empty()) arbitrate(released_, begin, told_);
}

const std::vector<core::Finding>& Ledger::take() {
  taken_.clear();
  taken_.swap(released_);
  return taken_;
}

}  // namespace menshen::detectors
