// All detectors of this build, and the types they find.
//
// Detectors register themselves: a new one is one new folder. The catalog is immutable after
// start-up and shared by all threads.
#pragma once

#include "core/finding.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Detector;
class Dispatcher;

class Catalog {
 public:
  // Every detector that is linked in, sorted by name. Built once; aborts at start-up when two
  // detectors claim one type name.
  [[nodiscard]] static const Catalog& instance();

  [[nodiscard]] std::span<const Detector* const> detectors() const noexcept { return detectors_; }
  [[nodiscard]] std::span<const core::FindingType* const> types() const noexcept { return types_; }

  // "bank_card/1 cn_mobile/1 ...": goes into each record, so that an old finding can be explained.
  [[nodiscard]] std::string_view versions() const noexcept { return versions_; }

  // For tests: a catalog of just these.
  explicit Catalog(std::vector<const Detector*> detectors);

  // What the engine derives from the detectors' triggers.
  [[nodiscard]] const Dispatcher& dispatcher() const noexcept { return *dispatcher_; }

 private:
  std::vector<const Detector*> detectors_;
  std::vector<const core::FindingType*> types_;
  std::string versions_;
  std::shared_ptr<const Dispatcher> dispatcher_;
};

}  // namespace menshen::detectors
