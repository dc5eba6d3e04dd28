// Why each value of a text was found, and what was passed over: found out by scanning again, so
// that a scan pays nothing for it and nothing is said that the detectors do not do.
//
//   const Explainer explainer(catalog);
//   auto explained = explainer.explain("手机 13800138000");
//   explained->found[0].without_before;      // 0.75: 手机 made it surer
//
// What is asked: how sure the same detectors are of the same bytes when nothing stands before them,
// or behind them; what each detector finds with the others out of sight; in which signs the value
// is written. Check digits and prefixes are not among it: no detector says of a value which of them
// spoke for it, only what its type asks for (FindingType::summary).
//
// Cost: a scan of the text for each detector and row of numbers, and three of some KiB for each
// finding. Immutable; one thread at a time for a call.
#pragma once

#include "core/error.h"
#include "core/finding.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Catalog;

// In which signs a value is written that are not those of a plain one. Bits.
namespace written {
inline constexpr std::uint8_t full_width = 1;
inline constexpr std::uint8_t other_digits = 2;  // of another script, or Han numerals
inline constexpr std::uint8_t invisible = 4;     // characters that show nothing
inline constexpr std::uint8_t url_escapes = 8;
inline constexpr std::uint8_t html_escapes = 16;
inline constexpr std::uint8_t backslash_escapes = 32;  // \u0031, \x31
}  // namespace written

// One name for each bit that is set: "full_width", "url_escapes", ...
[[nodiscard]] std::vector<std::string_view> names_of_written(std::uint8_t bits);

struct Explained {
  core::Finding finding;
  unsigned version = 0;  // of its detector
  // The confidence of a finding of the same type in the same bytes; 0: there is none then. Absent:
  // it depends on what stands further away than 4 KiB.
  std::optional<float> without_before{};
  std::optional<float> without_behind{};
  std::uint8_t written = 0;
};

struct PassedOver {
  core::Finding candidate;
  unsigned version = 0;
  // Findings whose bytes it shares, as numbers of Explanation::found. Empty: what others know (a
  // label of another kind, a form of theirs) speaks against it.
  std::vector<std::size_t> overlapped_by{};
};

struct Explanation {
  std::vector<Explained> found;  // as scan_text() finds them
  std::vector<PassedOver> passed_over;
};

class Explainer {
 public:
  explicit Explainer(std::shared_ptr<const Catalog> catalog);

  // Errors: as of scan_text().
  [[nodiscard]] core::Result<Explanation> explain(std::string_view text) const;

 private:
  [[nodiscard]] core::Result<void> try_alone(std::string_view text, Explanation& out) const;

  std::shared_ptr<const Catalog> catalog_;
  std::vector<std::shared_ptr<const Catalog>> alone_;  // each detector of the catalog
};

}  // namespace menshen::detectors
