#include "audit/canonical.h"

#include "audit/cut_record.h"
#include "audit/record_fields.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace menshen::audit {
namespace {

constexpr std::uint64_t number_max = (std::uint64_t{1} << 53) - 1;
constexpr std::size_t seq_digits_max = 20;
constexpr double score_unit = 10'000;

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  const auto limit = static_cast<std::int64_t>(number_max);
  const auto end =
      std::to_chars(digits, digits + sizeof digits, std::clamp(value, -limit, limit)).ptr;
  out.append(digits, end);
}

void append_number(std::string& out, std::uint64_t value) {
  append_number(out, static_cast<std::int64_t>(std::min(value, number_max)));
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view from = "\b\t\n\f\r\"\\";
  constexpr std::string_view to = "btnfr\"\\";
  if (const std::size_t at = from.find(c); at != from.npos) {
    out.push_back('\\');
    out.push_back(to[at]);
    return;
  }
  constexpr char hex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.append("\\u00").push_back(hex[byte >> 4]);
  out.push_back(hex[byte & 15]);
}

bool plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// Where the run of plain bytes from `at` on ends. Eight bytes are looked at together: one of them
// is below n when (x - n) & ~x has its top bit, and none is otherwise.
std::size_t plain_end(std::string_view text, std::size_t at) {
  constexpr std::uint64_t each = 0x0101010101010101;
  const auto below = [](std::uint64_t x, std::uint64_t n) { return (x - each * n) & ~x; };
  for (; text.size() - at >= 8; at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, 8);
    const std::uint64_t found =
        eight | below(eight, 0x20) | below(eight ^ each * '"', 1) | below(eight ^ each * '\\', 1);
    if ((found & each * 0x80) != 0) break;
  }
  while (at < text.size() && plain(text[at])) ++at;
  return at;
}

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = plain_end(text, i);
    out.append(text, i, end - i);
    if (end == text.size()) break;
    const core::Utf8Character character = core::utf8_at(text, end);
    if (!character.valid) {
      out.append("\xef\xbf\xbd");
    } else if (character.bytes > 1) {
      out.append(text, end, character.bytes);
    } else {
      append_escaped(out, text[end]);
    }
    i = end + character.bytes;
  }
  out.push_back('"');
}

// RFC 8785 section 3.2.3: names are ordered by their UTF-16 code units. Bytes of UTF-8 give the
// same order but for characters past U+FFFF, whose surrogates sort below U+E000.
char32_t utf16_rank(char32_t point) {
  return point > 0xffff ? 0xd800 : point >= 0xe000 ? point + 1 : point;
}

bool utf16_less(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  if (i == a.size() || i == b.size()) return a.size() < b.size();
  while (i > 0 && (static_cast<unsigned char>(a[i]) & 0xc0) == 0x80)
    --i;  // to the start of the character
  const char32_t x = core::utf8_at(a, i).point;
  const char32_t y = core::utf8_at(b, i).point;
  return utf16_rank(x) == utf16_rank(y) ? x < y : utf16_rank(x) < utf16_rank(y);
}

std::string repaired(std::string_view text) {
  if (core::valid_utf8(text)) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    out.append(c.valid ? text.substr(i, c.bytes) : "\xef\xbf\xbd");
    i += c.bytes;
  }
  return out;
}

std::int64_t score_number(float value) {
  if (std::isnan(value)) return -1;
  return std::lround(std::clamp(static_cast<double>(value), 0.0, 1.0) * score_unit);
}

class Writer {
 public:
  explicit Writer(const Record& record, const Truncated& truncated)
      : record_(record), truncated_(truncated) {}

  CanonicalRecord write() {
    out_.text.reserve(1536);
    visit_fields(record_, *this);
    out_.text.push_back('}');
    return std::move(out_);
  }

  template <class Field>
  void operator()(std::string_view key, const Field& field) {
    if (!record_.left_out.test(place_++) && !goes_without_saying(&field)) write_field(key, field);
  }

 private:
  // What is absent where another field tells it; parse_record puts in what a record itself holds.
  [[nodiscard]] bool goes_without_saying(const void* field) const {
    if (field == &record_.forwarded_commitment) return forwards_what_came(record_);
    if (field == &record_.released_commitment) return releases_what_came(record_);
    if (field == &record_.upstream_model) return keeps_the_model(record_);
    if (field == &record_.upstream_status) return passes_the_status(record_);
    // One endpoint has one path and one operation.
    const bool of_endpoint = field == &record_.operation || field == &record_.path ||
                             (field == &record_.method && record_.method == "POST");
    return of_endpoint && !record_.api.empty();
  }

  void name(std::string_view text) {
    out_.text.push_back(std::exchange(before_name_, ','));
    out_.text.push_back('"');
    out_.text.append(text).append("\":");
  }

  void write_field(std::string_view key, const std::string& text) {
    if (text.empty()) return;
    name(key);
    append_string(out_.text, text);
  }

  void write_field(std::string_view key, bool value) {
    if (!value) return;
    name(key);
    out_.text.append("true");
  }

  template <class Integer>
    requires std::is_integral_v<Integer>
  void write_field(std::string_view key, Integer value) {
    if (value == 0) return;
    name(key);
    using Wide = std::conditional_t<std::is_signed_v<Integer>, std::int64_t, std::uint64_t>;
    append_number(out_.text, static_cast<Wide>(value));
  }

  void write_field(std::string_view key, const std::vector<std::string>& list) {
    if (list.empty()) return;
    name(key);
    char separator = '[';
    for (const std::string& item : list) {
      out_.text.push_back(std::exchange(separator, ','));
      append_string(out_.text, item);
    }
    out_.text.push_back(']');
  }

  template <class Number>
  void write_field(std::string_view key, const std::map<std::string, Number>& counts) {
    if (counts.empty()) return;
    std::map<std::string, std::uint64_t, decltype(&utf16_less)> ordered(&utf16_less);
    for (const auto& [item, count] : counts) ordered[repaired(item)] += count;
    name(key);
    char separator = '{';
    for (const auto& [item, count] : ordered) {
      out_.text.push_back(std::exchange(separator, ','));
      append_string(out_.text, item);
      out_.text.push_back(':');
      append_number(out_.text, count);
    }
    out_.text.push_back('}');
  }

  // Of an entry that is there because there is one.
  void write_count(std::uint32_t count) {
    if (count != 1) write_field("count", count);
  }

  void write_field(std::string_view key, const std::vector<FiredRule>& rules) {
    if (rules.empty()) return;
    name(key);
    char separator = '[';
    for (const FiredRule& rule : rules) {
      out_.text.push_back(std::exchange(separator, ','));
      out_.text.append("{\"action\":");
      append_string(out_.text, rule.action);
      write_count(rule.count);
      write_field("found", rule.found);
      out_.text.append(",\"rule\":");
      append_string(out_.text, rule.rule);
      out_.text.append(rule.enforced ? "}" : ",\"shadow\":true}");
    }
    out_.text.push_back(']');
  }

  void write_field(std::string_view key, const FindingGroups& groups) {
    if (groups.empty()) return;
    const std::string_view usual = usual_role(record_, groups);
    name(key);
    char separator = '[';
    for (const FindingGroup& group : groups) {
      out_.text.push_back(std::exchange(separator, ','));
      before_name_ = '{';
      write_field("action", group.action);
      write_field("confidence", group.confidence);
      write_count(group.count);
      if (group.role != usual) write_field("role", group.role);
      write_field("rules", group.rules);
      write_field("summed", group.summed);
      name("type");
      append_string(out_.text, group.type);
      out_.text.push_back('}');
    }
    out_.text.push_back(']');
    before_name_ = ',';
  }

  void write_field(std::string_view key, const std::map<std::string, float>& scores) {
    if (scores.empty()) return;
    name(key);
    char separator = '{';
    for (const auto& [kind, value] : scores) {
      out_.text.push_back(std::exchange(separator, ','));
      append_string(out_.text, kind);
      out_.text.push_back(':');
      append_number(out_.text, score_number(value));
    }
    out_.text.push_back('}');
  }

  template <class Number>
    requires std::is_integral_v<Number>
  void write_field(std::string_view key, const std::vector<Number>& numbers) {
    if (numbers.empty()) return;
    name(key);
    char separator = '[';
    for (const Number number : numbers) {
      out_.text.push_back(std::exchange(separator, ','));
      append_number(out_.text, std::uint64_t{number});
    }
    out_.text.push_back(']');
  }

  void write_field(std::string_view key, const std::vector<ReleasedCounts>& figures) {
    if (figures.empty()) return;
    name(key);
    char separator = '[';
    for (const ReleasedCounts& figure : figures) {
      out_.text.push_back(std::exchange(separator, ','));
      out_.text.append("{\"group\":");
      append_string(out_.text, figure.group);
      out_.text.append(",\"model\":");
      append_string(out_.text, figure.model);
      out_.text.append(",\"requests\":");
      append_number(out_.text, figure.requests);
      out_.text.append(",\"users\":");
      append_number(out_.text, figure.users);
      out_.text.push_back('}');
    }
    out_.text.push_back(']');
  }

  template <class Entry>
  void write_field(std::string_view key, const std::shared_ptr<const Entry>& entry) {
    if (entry == nullptr) return;
    name(key);
    before_name_ = '{';
    visit_members(*entry, [this](std::string_view member, const auto& value) {
      this->write_field(member, value);
    });
    if (before_name_ == '{') out_.text.push_back('{');
    out_.text.push_back('}');
    before_name_ = ',';
  }

  void write_field(std::string_view key, OwnField field) {
    if (field == OwnField::truncated) return write_field(key, truncated_);
    name(key);
    switch (field) {
      case OwnField::seq: out_.seq_at = out_.text.size(); break;
      case OwnField::time: {
        const auto time = core::rfc3339(record_.wall_ns);
        append_string(out_.text, {time.data(), time.size()});
        break;
      }
      case OwnField::type: append_string(out_.text, to_string(record_.type)); break;
      case OwnField::version: out_.text.push_back('1'); break;
      case OwnField::truncated: break;
    }
  }

  const Record& record_;
  const Truncated& truncated_;
  std::size_t place_ = 0;  // in visit_fields
  char before_name_ = '{';
  CanonicalRecord out_;
};

bool fits(const CanonicalRecord& bytes) {
  return bytes.text.size() + seq_digits_max <= core::record_bytes_max;
}

}  // namespace

void CanonicalRecord::append_to(std::string& out, std::uint64_t seq) const {
  out.append(text, 0, seq_at);
  append_number(out, seq);
  out.append(text, seq_at);
}

CanonicalRecord canonicalise(const Record& record) {
  CanonicalRecord whole = Writer(record, {}).write();
  if (fits(whole)) return whole;
  // The last pair always fits: 37 texts of 64 bytes, six to one at worst, and nine lists of four.
  for (const Caps caps : {Caps{256, 2048}, Caps{64, 512}, Caps{16, 128}, Caps{4, 64}}) {
    Truncated truncated;
    const Record cut = cut_record(record, caps, truncated);
    whole = Writer(cut, truncated).write();
    if (fits(whole)) break;
  }
  return whole;
}

std::string canonical(const Record& record, std::uint64_t seq) {
  std::string out;
  canonicalise(record).append_to(out, seq);
  return out;
}

std::string_view to_string(RecordType type) noexcept {
  constexpr std::array<std::string_view, 16> names{
      "intent", "outcome", "start",  "stop", "policy",     "correction",    "refusals",   "clock",
      "charge", "release", "scores", "key",  "publishing", "configuration", "credential", "state"};
  const auto at = static_cast<std::size_t>(type);
  return at < names.size() ? names[at] : "outcome";
}

}  // namespace menshen::audit
