#include "detectors/private_key/block_reader.h"

#include "detectors/values/boundary.h"

#include <bit>
#include <string_view>

namespace menshen::detectors {
namespace {

constexpr std::string_view name_of_key = "PRIVATE KEY";

constexpr std::uint32_t label_bytes_max = 48;
constexpr std::uint32_t dashes = 5;
constexpr std::uint32_t key_token =
    16;  // so many base64 characters in both cases are a key, where one is due
constexpr std::uint32_t line_token = 32;  // so many are a line of the body, wherever they stand
constexpr std::uint32_t short_token = 8;  // so few are a key only when an end line follows
constexpr std::uint32_t gap_bytes_max = 200;
constexpr std::uint32_t header_line_bytes_max = 120;
constexpr std::uint32_t end_line_bytes_max = 80;

enum class Phase : std::uint32_t {
  label,
  label_dashes,
  gap,
  escape,
  token,
  header_line,
  end,
  end_label,
  done
};

struct State {
  Phase phase;
  std::uint32_t count;    // bytes of the phase
  std::uint32_t matched;  // of the words PRIVATE KEY, END and of dashes
  std::uint32_t token;    // bytes of the token
  std::uint32_t gap;      // bytes since the last that belonged
  bool named;             // the label says PRIVATE KEY
  bool confirmed;         // base64 was seen
  bool short_body;        // a short token was, and an end line would confirm it
  bool line_end;          // the gap before the token has a line end
  bool more;              // ... and something else
  bool upper;             // the token has such
  bool lower;
  bool digit;
  std::uint32_t unused;
};
static_assert(sizeof(State) == sizeof(ExtensionState));

bool is_base64(int c) {
  return c >= 0 && (is_alnum(static_cast<char>(c)) || c == '+' || c == '/' || c == '=');
}
bool is_quote(int c) { return c == '"' || c == '\'' || c == '`'; }
bool is_label(int c) {
  return c >= 0 && (is_upper(static_cast<char>(c)) || is_digit(static_cast<char>(c)) || c == ' ');
}

class BlockReader {
 public:
  explicit BlockReader(const ExtensionState& state) : s_(std::bit_cast<State>(state)) {}
  [[nodiscard]] ExtensionState state() const { return std::bit_cast<ExtensionState>(s_); }

  Step read(int c) {
    switch (s_.phase) {
      case Phase::label: return label(c);
      case Phase::label_dashes: return label_dashes(c);
      case Phase::gap: return gap(c);
      case Phase::escape: return escape(c);
      case Phase::token: return token(c);
      case Phase::header_line: return header_line(c);
      case Phase::end: return end(c);
      case Phase::end_label: return end_label(c);
      case Phase::done: return Step::stop;
    }
    return Step::stop;
  }

 private:
  Step enter(Phase phase) {
    s_.phase = phase;
    s_.count = 1;
    return Step::hold;
  }

  Step label(int c) {
    if (c == '-') return s_.named ? enter(Phase::label_dashes) : Step::stop;
    if (!is_label(c) || ++s_.count > label_bytes_max) return Step::stop;
    // The first letter of the name does not come again in it, so a mismatch falls back to the
    // start.
    const auto ch = static_cast<char>(c);
    s_.matched = name_of_key[s_.matched] == ch ? s_.matched + 1 : (ch == name_of_key[0] ? 1 : 0);
    if (s_.matched == name_of_key.size()) {
      s_.named = true;
      s_.matched = 0;
    }
    return Step::hold;
  }

  Step label_dashes(int c) {
    if (c == '-') return ++s_.count > dashes ? Step::stop : Step::hold;
    if (s_.count != dashes) return Step::stop;
    enter_gap();
    return gap(c);
  }

  void enter_gap() {
    s_.phase = Phase::gap;
    s_.gap = 0;
    s_.line_end = false;
    s_.more = false;
  }

  Step gap(int c) {
    s_.phase = Phase::gap;
    if (c < 0 || ++s_.gap > gap_bytes_max) return Step::stop;
    if (c == '-') return enter(Phase::end);
    if (c == '\\') return enter(Phase::escape);
    if (is_base64(c)) {
      s_.token = 0;
      s_.upper = s_.lower = s_.digit = false;
      return token(c);
    }
    if (c == '\n') {
      if (s_.line_end) s_.more = true;
      s_.line_end = true;
    } else if (c != '\r') {
      s_.more = true;
    }
    return is_quote(c) ? Step::split : Step::hold;
  }

  // Behind a backslash: the n of a literal "\n" ends a line; a further backslash escapes more
  // deeply.
  Step escape(int c) {
    switch (c) {
      case '\\': return Step::hold;
      case 'n': return gap('\n');
      case 'r': return gap('\r');
      case 't': return gap('\t');
      default: return gap(c);
    }
  }

  [[nodiscard]] bool token_is_key() const {
    const bool due = !s_.confirmed ? !s_.short_body : !s_.more;
    return s_.token >= line_token || (due && s_.upper && s_.lower && s_.token >= key_token);
  }

  Step token(int c) {
    s_.phase = Phase::token;
    if (!is_base64(c)) return end_token(c);
    const auto ch = static_cast<char>(c);
    ++s_.token;
    ++s_.gap;
    s_.upper |= is_upper(ch);
    s_.lower |= is_lower(ch);
    s_.digit |= is_digit(ch);
    if (!token_is_key()) return Step::hold;
    s_.confirmed = true;
    s_.gap = 0;
    return Step::belongs;
  }

  Step end_token(int c) {
    if (token_is_key()) {
      enter_gap();
      return gap(c);
    }
    if (!s_.confirmed) {
      if (c == ':') return enter(Phase::header_line);
      const bool like_a_key = s_.token >= short_token && (s_.digit || (s_.upper && s_.lower));
      if (!s_.short_body && !like_a_key) return c == '-' ? enter(Phase::end) : Step::stop;
      s_.short_body = true;
      return gap(c);
    }
    // The last line of a body is short: it belongs when it stands alone on its line.
    const bool line_ends = c < 0 || c == '\n' || c == '\r' || c == '\\' || is_quote(c);
    if (!line_ends || !s_.line_end || s_.more) {
      s_.more = true;
      return gap(c);
    }
    enter_gap();
    const Step next = gap(c);
    return next == Step::split ? Step::split_after : Step::belonged;
  }

  Step header_line(int c) {
    if (c < 0 || ++s_.count > header_line_bytes_max) return Step::stop;
    if (c != '\n' && c != '\\') return Step::hold;
    enter_gap();
    return gap(c);
  }

  // Dashes, then END. A single dash belongs to the name of a header line: "Proc-Type: ".
  Step end(int c) {
    if (s_.count < dashes) {
      if (c == '-') return ++s_.count, Step::hold;
      return s_.count == 1 && !s_.confirmed && c >= 0 ? enter(Phase::header_line) : Step::stop;
    }
    constexpr std::string_view word = "END";
    if (c != word[s_.count - dashes]) return Step::stop;
    ++s_.count;
    if (s_.count < dashes + word.size()) return Step::hold;
    s_.matched = 0;
    return s_.confirmed || s_.short_body ? enter(Phase::end_label) : Step::stop;
  }

  Step end_label(int c) {
    if (++s_.count > end_line_bytes_max || (!is_label(c) && c != '-')) return Step::stop;
    s_.matched = c == '-' ? s_.matched + 1 : 0;
    if (s_.matched < dashes) return Step::hold;
    s_.phase = Phase::done;
    return Step::belongs;
  }

  State s_;
};

}  // namespace

Step read_private_key_block(ExtensionState& state, int byte) noexcept {
  BlockReader reader(state);
  const Step step = reader.read(byte);
  state = reader.state();
  return step;
}

}  // namespace menshen::detectors
