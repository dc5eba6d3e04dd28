// Findings that are made but not yet released, because what begins before them is still open.
//
// Releases them in order of their begin, those of one type that overlap joined into one, those that
// were told from words cut by what they give way to (arbiter.h).
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace menshen::detectors {

// Findings that overlap each other in a chain longer than this are cut where one of them ends.
inline constexpr std::size_t chain_bytes_max = 4 * 1024;

class Ledger {
 public:
  // `told`: the types told from words; they outlive it.
  explicit Ledger(std::span<const core::FindingType* const> told = {}) : told_(told) {}
  void reset();
  void add(const core::Finding& finding) { waiting_.push_back(finding); }

  // Nothing that begins before `undecided` is still to come: releases what no finding yet to come
  // can touch. What is released in the end does not depend on how often this is called.
  void settle(std::size_t undecided);
  [[nodiscard]] std::size_t settled() const noexcept { return settled_; }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  [[nodiscard]] const std::vector<core::Finding>& take();

 private:
  [[nodiscard]] std::size_t chain_end(std::size_t undecided);
  void cut_at(std::size_t position);
  void release(std::size_t before);

  std::span<const core::FindingType* const> told_;
  std::vector<core::Finding> waiting_;
  std::size_t first_ = 0;  // that is not released yet, while settle() runs
  std::vector<core::Finding> released_;
  std::vector<core::Finding> taken_;
  std::vector<std::pair<const core::FindingType*, std::size_t>>
      last_of_type_;  // index in released_
  std::size_t settled_ = 0;
};

}  // namespace menshen::detectors
