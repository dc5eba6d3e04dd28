// Matches that go on behind their run: keys and long tokens, followed by the state machines that
// their detectors gave, and reported in pieces so that what is held back stays bounded.
//
// A piece ends where a byte of the value ends, after at least piece_bytes; which bytes those are
// depends on the text alone. At most one match of a type is open at a time.
#pragma once

#include "detectors/detector.h"
#include "detectors/ignored_values.h"
#include "detectors/text/view.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace menshen::detectors {

inline constexpr std::size_t piece_bytes = 1024;

class Extensions {
 public:
  // `ignored`: the values that are marked, where they are one piece; null: none.
  explicit Extensions(const IgnoredValues* ignored = nullptr) : ignored_(ignored) {}
  void reset() noexcept { open_.clear(); }

  // Begins to follow a match at view positions [begin, end); ignored when one of its type is open.
  void start(const Match& match, std::string_view detector, std::size_t begin, std::size_t end);
  // Reads the view up to `limit`, and adds to `found` what is complete.
  void advance(const View& view, std::size_t limit, std::vector<core::Finding>& found);
  void finish(const View& view, std::vector<core::Finding>& found);

  // View position before which nothing is open; `otherwise` when nothing is.
  [[nodiscard]] std::size_t decided(std::size_t otherwise) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return open_.empty(); }

 private:
  struct Open {
    const core::FindingType* type;
    std::string_view detector;
    float confidence;
    Extension extension;
    ExtensionState state;
    std::size_t piece_begin;
    std::size_t belongs_end;
    std::size_t next;
    bool confirmed;
    bool continued = false;
  };
  // What ends: a piece that must not grow, one that is full, the value.
  enum class Ends : std::uint8_t { here, piece, value };

  // False when the match has ended.
  [[nodiscard]] bool follow(Open& open, const View& view, std::size_t limit,
                            std::vector<core::Finding>& found) const;
  [[nodiscard]] bool apply(Open& open, Step step, const View& view,
                           std::vector<core::Finding>& found) const;
  [[nodiscard]] static bool too_long(const Open& open, const View& view);
  void flush(Open& open, const View& view, std::vector<core::Finding>& found, Ends ends) const;

  const IgnoredValues* ignored_;
  std::vector<Open> open_;
};

}  // namespace menshen::detectors
