// What finds values in texts, compiled into one: detectors, rows of the table of numbers, taggers.
//
// All register themselves: a detector or tagger is one new folder, an identifier one new row.
//
// A catalog is a snapshot: immutable, any thread. Each policy set holds the one that it was read
// against, and a scanner the one whose findings it reports; a former one goes with its last
// exchange.
//
//   const std::shared_ptr<const Catalog> catalog = Catalog::built_in();
//   Scanner scanner(catalog);
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
class IgnoredValues;
class LineDetector;
class Tagger;
struct NumberSpec;

// What has a name and a version of its own.
struct Recogniser {
  std::string_view name;
  unsigned version = 0;
  std::vector<const core::FindingType*> types;
};

class Catalog {
 public:
  // Of all that is linked in and finds what has a form, made anew; complete(): of the taggers and
  // of what reads around numbers too.
  // Aborts when two claim one type name.
  [[nodiscard]] static std::shared_ptr<const Catalog> built_in();
  [[nodiscard]] static std::shared_ptr<const Catalog> complete();

  // What `base` finds, and what `of_lines` does, whose types have other names. Null: `base` alone,
  // or, when that is null too, nothing.
  [[nodiscard]] static std::shared_ptr<const Catalog> extended(
      const std::shared_ptr<const Catalog>& base, std::shared_ptr<const LineDetector> of_lines);

  // Sorted by name.
  [[nodiscard]] std::span<const Recogniser> recognisers() const noexcept { return recognisers_; }
  [[nodiscard]] std::span<const core::FindingType* const> types() const noexcept { return types_; }

  // "bank_card/1 cn_mobile/1 ...".
  [[nodiscard]] std::string_view versions() const noexcept { return versions_; }
  // These and, in a second line, those of the scores: stand in the log, so that an old finding can
  // be explained. Their digest, for each exchange: the first 12 hexadecimal digits of the SHA-256.
  [[nodiscard]] std::string all_versions() const;
  [[nodiscard]] std::string_view digest() const noexcept { return digest_; }

  // Of just these, which outlive it.
  explicit Catalog(std::vector<const Detector*> detectors,
                   std::span<const NumberSpec* const> numbers = {},
                   std::vector<const Tagger*> taggers = {});

  // `base` without the taggers, and without the detector that reads around numbers, of whose types
  // none is among these: what nobody asks for costs nothing. Its types and versions stay those of
  // `base`.
  [[nodiscard]] static std::shared_ptr<const Catalog> asked_for(
      const std::shared_ptr<const Catalog>& base, std::span<const core::FindingType* const> types);

  // The same, with these values marked.
  [[nodiscard]] std::shared_ptr<const Catalog> ignoring(
      std::shared_ptr<const IgnoredValues> values) const;
  [[nodiscard]] const IgnoredValues* ignored() const noexcept { return ignored_.get(); }

  // What the engine makes of it.
  [[nodiscard]] const Dispatcher& dispatcher() const noexcept { return *dispatcher_; }
  [[nodiscard]] const LineDetector* of_lines() const noexcept { return of_lines_.get(); }

 private:
  void describe();

  std::vector<Recogniser> recognisers_;
  std::vector<const core::FindingType*> types_;
  std::string versions_;
  std::string digest_;
  std::shared_ptr<const Dispatcher> dispatcher_;
  std::shared_ptr<const LineDetector> of_lines_;
  std::shared_ptr<const IgnoredValues> ignored_;  // null: none
};

}  // namespace menshen::detectors
