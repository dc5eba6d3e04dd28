// Looks for a Literal in a view as it grows. Its findings, and where it is undecided, depend on the
// text alone. One thread; the view is the same one at every call.
#pragma once

#include "detectors/literal.h"
#include "detectors/text/view.h"

#include <algorithm>
#include <cstddef>

namespace menshen::detectors {

class LiteralSearch {
 public:
  // null: nothing is looked for.
  void reset(const Literal* literal) noexcept {
    literal_ = literal;
    end_ = matched_ = 0;
  }

  // Reads what is new of the view, and calls found(finding) for each whole literal.
  template <class Found>
  void advance(const View& view, Found found) {
    while (literal_ != nullptr && end_ < view.end()) {
      end_ += literal_->advance(view.slice(end_, view.end()), matched_);
      if (matched_ < literal_->size()) continue;
      const std::size_t begin = end_ - literal_->size();
      found(core::Finding{.type = &provider_credential,
                          .begin = view.raw_begin(begin),
                          .end = view.raw_end(end_, false),
                          .confidence = 1,
                          .detector = provider_credential.name});
    }
  }

  // The view position before which every literal was found; `other`, when that is less.
  [[nodiscard]] std::size_t decided(std::size_t other) const noexcept {
    return literal_ == nullptr ? other : std::min(other, end_ - matched_);
  }

 private:
  const Literal* literal_ = nullptr;
  std::size_t end_ = 0;      // how far the view was read
  std::size_t matched_ = 0;  // bytes of the literal that stand before end_
};

}  // namespace menshen::detectors
