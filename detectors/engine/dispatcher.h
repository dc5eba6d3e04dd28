// Which detectors a run is worth, and the calls to them, to the table of numbers and to taggers.
//
// Built once per catalog from the triggers that the detectors declare and the forms of the numbers;
// immutable, any thread.
#pragma once

#include "detectors/detector.h"
#include "detectors/engine/anchor_set.h"
#include "detectors/line_detector.h"
#include "detectors/numbers/number_table.h"
#include "detectors/tagger.h"
#include "detectors/text/segmenter.h"
#include "detectors/values/prefix_index.h"

#include <array>
#include <bitset>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::detectors {

// Memory that a scan uses again and again.
struct DispatchScratch {
  std::string digits;
  std::vector<DigitGroup> groups;
  Matches matches;
};

class Dispatcher {
 public:
  static constexpr std::size_t detectors_max = 256;

  explicit Dispatcher(std::span<const Detector* const> detectors,
                      std::span<const NumberSpec* const> numbers,
                      std::span<const Tagger* const> taggers);

  // The runs that are worth being given out: to detectors and to the table, or to be decoded.
  [[nodiscard]] const RunFilter& filter() const noexcept { return filter_; }
  // To detectors and to the table.
  [[nodiscard]] bool worth(const RunWindow& run) const noexcept {
    return run.numerals || values_.passes(run.end - run.run_begin, run.digits, run.content);
  }

  // Whether some detector or row would read what stands behind the run.
  [[nodiscard]] bool reads_behind(const RunWindow& run) const noexcept {
    constexpr std::size_t digits_min = 5;
    constexpr std::size_t mixed_bytes_min = 6;
    return run.digits >= digits_min || (run.digits > 0 && (run.content & run_class::letter) != 0 &&
                                        run.end - run.run_begin >= mixed_bytes_min);
  }
  // Of a window: all that looks at it, what reads behind it, and the others.
  enum class Part : std::uint8_t { all, behind, others };

  // Calls `report(name, match)` for each match in a window, with the name of the detector or of the
  // row; `run` says what the run holds.
  template <class Report>
  core::Result<void> scan(Window& window, const RunWindow& run, Part part, DispatchScratch& scratch,
                          Report&& report) const {
    std::bitset<detectors_max> worth = select(window, run);
    if (part == Part::behind) worth &= read_behind_;
    if (part == Part::others) worth &= ~read_behind_;
    const bool worth_numbers = part != Part::others && numbers_.worth(run);
    if (worth.none() && !worth_numbers) return {};
    find_groups(window.text, scratch);
    window.digits = scratch.digits;
    window.groups = scratch.groups;
    for (std::size_t i = 0; i < detectors_.size(); ++i) {
      if (!worth[i]) continue;
      scratch.matches.clear();
      if (auto scanned = call(*detectors_[i], window, scratch.matches); !scanned) return scanned;
      for (const Match& match : scratch.matches.all()) report(detectors_[i]->name(), match);
    }
    if (!worth_numbers) return {};
    scratch.matches.clear();
    numbers_.scan(window, run, scratch.matches);
    for (const Match& match : scratch.matches.all()) report(match.type->name, match);
    return {};
  }

  // The same of a line, by the one detector that is shown lines.
  template <class Report>
  static core::Result<void> scan_line(const LineDetector& detector, const Window& window,
                                      DispatchScratch& scratch, Report&& report) {
    scratch.matches.clear();
    if (auto scanned = call(detector, window, scratch.matches); !scanned) return scanned;
    for (const Match& match : scratch.matches.all()) report(detector.name(), match);
    return {};
  }

  [[nodiscard]] const AnchorSet& anchors() const noexcept { return anchors_; }
  // Calls `report(name, match)` for each match that the detector of this number finds behind an
  // anchor.
  template <class Report>
  core::Result<void> look(std::size_t detector, const AnchorWindow& window,
                          DispatchScratch& scratch, Report&& report) const {
    scratch.matches.clear();
    if (auto looked = call(*detectors_[detector], window, scratch.matches); !looked) return looked;
    for (const Match& match : scratch.matches.all()) report(detectors_[detector]->name(), match);
    return {};
  }

  // The detector that is asked about numbers; null: none.
  [[nodiscard]] const Detector* around() const noexcept { return around_; }
  // Calls `report(name, match)` for what it finds; false when it cannot tell yet.
  template <class Report>
  core::Result<bool> read_around(const AroundWindow& window, DispatchScratch& scratch,
                                 Report&& report) const {
    scratch.matches.clear();
    auto known = call_around(*around_, window, scratch.matches);
    if (!known || !*known) return known;
    for (const Match& match : scratch.matches.all()) report(around_->name(), match);
    return true;
  }

  [[nodiscard]] std::span<const Tagger* const> taggers() const noexcept { return taggers_; }
  // With just these taggers; the detector that is asked about numbers stays where it is said.
  [[nodiscard]] Dispatcher with(std::span<const Tagger* const> taggers, bool around) const;
  [[nodiscard]] bool has_taggers() const noexcept { return !taggers_.empty(); }
  [[nodiscard]] std::span<const core::FindingType* const> told_types() const noexcept {
    return told_types_;
  }
  // Calls `report(name, match)` for each match of a tagger. `states`: of all taggers, or empty
  // where a sentence begins.
  template <class Report>
  core::Result<void> tag(const TokenWindow& window, std::vector<TaggerState>& states,
                         DispatchScratch& scratch, Report&& report) const {
    states.resize(taggers_.size());
    for (std::size_t i = 0; i < taggers_.size(); ++i) {
      scratch.matches.clear();
      if (auto tagged = call(*taggers_[i], window, states[i], scratch.matches); !tagged) {
        return tagged;
      }
      for (const Match& match : scratch.matches.all()) report(taggers_[i]->name(), match);
    }
    return {};
  }

 private:
  struct Literal {
    std::string_view text;
    std::size_t trigger;
  };
  struct Wanted {
    Trigger trigger;
    std::size_t detector;
  };
  [[nodiscard]] std::bitset<detectors_max> select(const Window& window, const RunWindow& run) const;
  [[nodiscard]] std::bitset<detectors_max> literals_in(const Window& window) const;
  static void find_groups(std::string_view text, DispatchScratch& scratch);
  static core::Result<void> call(const Detector& detector, const Window& window, Matches& matches);
  static core::Result<void> call(const Detector& detector, const AnchorWindow& window,
                                 Matches& matches);
  static core::Result<bool> call_around(const Detector& detector, const AroundWindow& window,
                                        Matches& matches);
  static core::Result<void> call(const Tagger& tagger, const TokenWindow& window,
                                 TaggerState& state, Matches& matches);
  void build_filters();
  void set_taggers(std::span<const Tagger* const> taggers);

  std::vector<const Detector*> detectors_;
  NumberTable numbers_;
  AnchorSet anchors_;
  std::vector<const Tagger*> taggers_;
  std::vector<const core::FindingType*> told_types_;
  std::bitset<detectors_max> read_behind_;
  const Detector* around_ = nullptr;
  std::vector<Wanted> wanted_;
  std::vector<Literal> literals_;
  PrefixIndex literal_index_;
  RunFilter filter_;
  RunFilter values_;
};

}  // namespace menshen::detectors
