// What finds values in texts, compiled into one: detectors, and rows of the table of numbers.
//
// Both register themselves: a detector is one new folder, an identifier one new row. The catalog is
// immutable after start-up and shared by all threads.
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
struct NumberSpec;

// What has a name and a version of its own.
struct Recogniser {
  std::string_view name;
  unsigned version = 0;
  std::vector<const core::FindingType*> types;
};

class Catalog {
 public:
  // All that is linked in. Built once; aborts at start-up when two claim one type name.
  [[nodiscard]] static const Catalog& instance();

  // Sorted by name.
  [[nodiscard]] std::span<const Recogniser> recognisers() const noexcept { return recognisers_; }
  [[nodiscard]] std::span<const core::FindingType* const> types() const noexcept { return types_; }

  // "bank_card/1 cn_mobile/1 ...": goes into each record, so that an old finding can be explained.
  [[nodiscard]] std::string_view versions() const noexcept { return versions_; }

  // For tests: a catalog of just these.
  explicit Catalog(std::vector<const Detector*> detectors,
                   std::span<const NumberSpec* const> numbers = {});

  // What the engine makes of it.
  [[nodiscard]] const Dispatcher& dispatcher() const noexcept { return *dispatcher_; }

 private:
  std::vector<Recogniser> recognisers_;
  std::vector<const core::FindingType*> types_;
  std::string versions_;
  std::shared_ptr<const Dispatcher> dispatcher_;
};

}  // namespace menshen::detectors
