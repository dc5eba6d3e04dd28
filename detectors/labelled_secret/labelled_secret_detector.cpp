#include "core/digest.h"
#include "detectors/detector.h"
#include "detectors/labelled_secret/cell.h"
#include "detectors/labelled_secret/command.h"
#include "detectors/labelled_secret/html_table.h"
#include "detectors/labelled_secret/label.h"
#include "detectors/labelled_secret/place.h"
#include "detectors/labelled_secret/spoken_behind.h"
#include "detectors/labelled_secret/table.h"
#include "detectors/labelled_secret/value.h"
#include "detectors/values/behind.h"
#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace menshen::detectors {
namespace {

using namespace labelled_secret;

constexpr core::FindingType password_type{
    "password", core::Category::secret, "PASSWORD",
    "Password, passphrase or PIN behind its label, of any form: in assignments, configuration, "
    "command lines, sentences (0.55 to 0.88, by label and shape)."};
constexpr core::FindingType secret_type{
    "generic_secret", core::Category::secret, "GENERIC_SECRET",
    "Secret, token, key, session or credential of HTTP behind its label, of no form that is known "
    "(0.7 to 0.95, by label and shape)."};

// What does not stand in quotes, up to what surely ends it.
Step extend_bare(ExtensionState&, int byte) noexcept {
  if (byte <= ' ' || byte >= 0x80) return Step::stop;
  constexpr std::string_view ends = "\"'`\\<|;&,)]}";
  return ends.find(static_cast<char>(byte)) == ends.npos ? Step::belongs : Step::stop;
}

// Up to the quote in state[0]; state[1]: behind a backslash.
Step extend_quoted(ExtensionState& state, int byte) noexcept {
  if (byte < 0 || byte == '\n') return Step::stop;
  if (state[1] == 0 && static_cast<std::uint32_t>(byte) == state[0]) return Step::stop;
  state[1] = state[1] == 0 && byte == '\\' ? 1 : 0;
  return Step::belongs;
}

// RFC 7617: base64 of user:password.
float judge_basic(std::string_view value) {
  const std::optional<std::string> pair = core::from_base64(value);
  if (!pair) return 0;
  const std::size_t colon = pair->find(':');
  const bool printable = std::ranges::all_of(
      *pair, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '\x7F'; });
  if (colon == std::string::npos || colon + 1 == pair->size() || !printable) return 0;
  return is_placeholder(pair->substr(colon + 1)) ? 0.0F : 0.95F;
}

class LabelledSecret final : public Detector {
 public:
  std::string_view name() const noexcept override { return "labelled_secret"; }
  unsigned version() const noexcept override { return 4; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }
  bool reads_behind() const noexcept override { return true; }
  std::span<const Anchor> anchors() const noexcept override { return label_anchors(); }
  bool told_by_words() const noexcept override { return true; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    if (!window.last || window.behind.empty()) return {};
    const auto family = named_behind(read_behind(window.behind).phrase);
    const std::size_t blank = window.text.rfind(' ');
    const std::size_t begin = std::max(window.begin, blank == window.text.npos ? 0 : blank + 1);
    if (!family || begin == window.text.size() || begin != window.run_begin) return {};
    const float confidence = judge(window.text.substr(begin), {.family = *family, .spoken = true});
    if (confidence > 0) {
      matches.add(*family == Family::secret ? secret_type : password_type, begin,
                  window.text.size(), confidence);
    }
    return {};
  }
  core::Result<void> look(const AnchorWindow& window, Matches& matches) const override {
    const std::string_view anchor = window.text.substr(window.begin, window.end - window.begin);
    if (is_command(anchor)) {
      if (const auto place = find_argument(window)) {
        add(window, *place, {.family = Family::password, .quoted = true}, matches);
      }
      return {};
    }
    if (is_html_table(anchor)) {
      if (window.end < window.text.size()) {
        read_rows(window, window.end, read_html_table, begin_html_table(), matches);
      }
      return {};
    }
    if (!find_labelled(window, anchor, matches)) find_column(window, anchor, matches);
    return {};
  }

 private:
  static bool find_labelled(const AnchorWindow& window, std::string_view anchor, Matches& matches) {
    const auto label = read_label(window);
    if (!label) return false;
    const auto place = equal_ignoring_case(anchor, "bearer")
                           ? find_bearer(window)
                           : find_value(window.text, *label, window.last);
    if (!place) return false;
    if (place->weak && label->family == Family::secret && is_digest(window.text, *place)) {
      return false;
    }
    return add(window, *place,
               {.family = label->family,
                .quoted = place->quoted,
                // What Chinese text says of a password is not in Latin letters.
                .spoken = place->spoken && !label->han,
                .literal = place->literal,
                .verbatim = place->quoted || label->han,
                .weak = label->weak || place->weak},
               matches);
  }

  // Where the anchor names a column of a table: the cells below.
  static void find_column(const AnchorWindow& window, std::string_view anchor, Matches& matches) {
    if (!is_password_label(anchor)) return;
    const auto state = read_header(window);
    if (!state) return;
    read_rows(window, window.text.find('\n', window.end) + 1, read_table, *state, matches);
  }

  // The cells that `read` tells, in the window and behind it.
  static void read_rows(const AnchorWindow& window, std::size_t from, Extension read,
                        ExtensionState state, Matches& matches) {
    constexpr float sure = 0.75F;
    std::size_t cell = from;
    for (std::size_t at = cell; at < window.text.size(); ++at) {
      const Step step = read(state, static_cast<unsigned char>(window.text[at]));
      if (step == Step::split_after) matches.add(password_type, cell, at, sure);
      if (step == Step::split || step == Step::split_after) cell = at + 1;
      if (step == Step::stop) return;
    }
    // A window that ends between two cells shows no byte of the next.
    if (cell == window.text.size() && !window.last && awaits_value(state)) return;
    matches.add_open(password_type, std::min(cell, window.text.size() - 1), window.text.size(),
                     sure, read, state, true);
  }

  // Of a commit or a file: 32 or 40 hexadecimal digits. A wallet's key has 64.
  static bool is_digest(std::string_view text, const Place& place) {
    constexpr std::size_t longest = 40;
    const std::string_view value = text.substr(place.begin, place.end - place.begin);
    return value.size() <= longest && std::ranges::all_of(value, is_hex);
  }
  static std::optional<Place> find_bearer(const AnchorWindow& window) {
    if (window.end >= window.text.size() || window.text[window.end] != ' ') return std::nullopt;
    return read_value(window.text, window.end + 1, window.last);
  }

  static bool add(const AnchorWindow& window, const Place& place, const Manner& manner,
                  Matches& matches) {
    const std::string_view value = window.text.substr(place.begin, place.end - place.begin);
    const float confidence =
        equal_ignoring_case(place.scheme, "basic") ? judge_basic(value) : judge(value, manner);
    if (confidence == 0) return false;
    const core::FindingType& type = manner.family == Family::secret ? secret_type : password_type;
    if (!place.open) {
      matches.add(type, place.begin, place.end, confidence);
    } else if (place.quoted && place.quote != '\0') {
      matches.add_open(type, place.begin, place.end, confidence, extend_quoted,
                       {static_cast<unsigned char>(place.quote)});
    } else {
      matches.add_open(type, place.begin, place.end, confidence, extend_bare);
    }
    return true;
  }

  static constexpr std::array<const core::FindingType*, 2> types_{&password_type, &secret_type};
  // Of what has its label behind it.
  static constexpr std::array<Trigger, 2> triggers_{
      Trigger{.bytes_min = 6, .digits_min = 1, .content = run_class::letter, .behind = true},
      Trigger{.bytes_min = 5, .digits_min = 5, .behind = true}};
};

}  // namespace

const Detector& labelled_secret_detector() {
  static const LabelledSecret detector;
  return detector;
}

}  // namespace menshen::detectors
