// Looks for Literals in a view as it grows. Its findings, and where it is undecided, depend on the
// text alone. One thread; the view is the same one at every call.
#pragma once

#include "detectors/literal.h"
#include "detectors/text/view.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace menshen::detectors {

class LiteralSearch {
 public:
  void reset(std::span<const Literal> literals) {
    literals_ = literals;
    progress_.assign(literals.size(), {});
  }

  // Reads what is new of the view, and calls found(finding) for each whole literal.
  template <class Found>
  void advance(const View& view, Found found) {
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      advance(view, literals_[i], progress_[i], found);
    }
  }

  // The view position before which every literal was found; `other`, when that is less.
  [[nodiscard]] std::size_t decided(std::size_t other) const noexcept {
    for (const Progress& at : progress_) other = std::min(other, at.end - at.matched);
    return other;
  }

 private:
  struct Progress {
    std::size_t end = 0;      // how far the view was read
    std::size_t matched = 0;  // bytes of the literal that stand before end
  };

  template <class Found>
  static void advance(const View& view, const Literal& literal, Progress& at, Found found) {
    while (at.end < view.end()) {
      at.end += literal.advance(view.slice(at.end, view.end()), at.matched);
      if (at.matched < literal.size()) continue;
      const std::size_t begin = at.end - literal.size();
      found(core::Finding{.type = &provider_credential,
                          .begin = view.raw_begin(begin),
                          .end = view.raw_end(at.end, false),
                          .confidence = 1,
                          .detector = provider_credential.name});
    }
  }

  std::span<const Literal> literals_;
  std::vector<Progress> progress_;  // of each
};

}  // namespace menshen::detectors
