#include "proxy/admin/exposition.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace menshen::admin {
namespace {

Family family_of(std::string_view type, std::string_view name, std::string_view help,
                 std::initializer_list<std::string_view> labels) {
  return {name, type, help, labels};
}

constexpr double whole_max = 9007199254740992;  // 2^53

// The shortest text that is read as the same number; of a count, its digits.
std::string text_of(double value) {
  if (value == std::trunc(value) && std::abs(value) < whole_max) {
    return std::to_string(static_cast<std::int64_t>(value));
  }
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

void append_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out.push_back(',');
  out.append(name).append("=\"");
  append_value(out, value);
  out.push_back('"');
}

}  // namespace

Family counter(std::string_view name, std::string_view help,
               std::initializer_list<std::string_view> labels) {
  return family_of("counter", name, help, labels);
}

Family gauge(std::string_view name, std::string_view help,
             std::initializer_list<std::string_view> labels) {
  return family_of("gauge", name, help, labels);
}

Family histogram(std::string_view name, std::string_view help,
                 std::initializer_list<std::string_view> labels) {
  return family_of("histogram", name, help, labels);
}

void Exposition::begin(Family family) {
  family_ = std::move(family);
  text_.append("# HELP ").append(family_.name).append(" ").append(family_.help).append("\n");
  text_.append("# TYPE ").append(family_.name).append(" ").append(family_.type).append("\n");
}

void Exposition::line(std::string_view suffix, LabelValues values, std::string_view le,
                      double value) {
  text_.append(family_.name).append(suffix);
  if (!values.empty() || !le.empty()) {
    text_.push_back('{');
    for (std::size_t i = 0; i < values.size(); ++i) {
      append_label(text_, family_.labels[i], values[i]);
    }
    if (!le.empty()) append_label(text_, "le", le);
    text_.push_back('}');
  }
  text_.append(" ").append(text_of(value)).append("\n");
}

void Exposition::sample(LabelValues values, double value) { line("", values, {}, value); }

void Exposition::sample(LabelValues values, const Distribution& value) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < value.bounds().size(); ++i) {
    below += value.counts()[i];
    line("_bucket", values, text_of(value.bounds()[i]), static_cast<double>(below));
  }
  line("_bucket", values, "+Inf", static_cast<double>(value.count()));
  line("_sum", values, {}, value.sum());
  line("_count", values, {}, static_cast<double>(value.count()));
}

}  // namespace menshen::admin
