// Writes core/unicode_data.cpp to standard output, from the ICU that is installed:
//
//   ninja -C build/dev unicode_rows && build/dev/bin/unicode_rows > core/unicode_data.cpp
#include "core/unicode_source.h"
#include "core/utf8.h"

#include <unicode/uversion.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <vector>

namespace {

using namespace menshen::core;

constexpr std::size_t columns_max = 98;

bool is_surrogate(char32_t c) { return c >= 0xd800 && c < 0xe000; }

// The items of a list, as many to a line as fit.
class List {
 public:
  explicit List(const std::string& head) { std::printf("%s = {\n", head.c_str()); }
  void add(const std::string& item) {
    if (width_ + item.size() + 2 > columns_max) end_line();
    std::printf(width_ == 0 ? "    %s," : " %s,", item.c_str());
    width_ += width_ == 0 ? item.size() + 5 : item.size() + 2;
  }
  void close() {
    end_line();
    std::printf("};\n\n");
  }

 private:
  void end_line() {
    if (width_ != 0) std::printf("\n");
    width_ = 0;
  }
  std::size_t width_ = 0;
};

std::string hex(char32_t c) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), "0x%04x", static_cast<unsigned>(c));
  return out.data();
}

std::string escaped(std::u32string_view text) {
  constexpr std::size_t characters_max = 12;
  if (text.size() > characters_max) {
    return escaped(text.substr(0, characters_max)) + "\n     " +
           escaped(text.substr(characters_max));
  }
  std::string out;
  for (const char32_t c : text) {
    std::array<char, 16> code{};
    const char* form = c >= 0x10000 ? "\\U%08x" : c >= 0x80 ? "\\u%04x" : "%c";
    std::snprintf(code.data(), code.size(), form, static_cast<unsigned>(c));
    if (c == U'"' || c == U'\\') out += '\\';
    out += code.data();
  }
  return "U\"" + out + "\"";
}

std::string quoted(char32_t c) {
  std::string out = "U'";
  append_utf8(out, c);
  return out + "'";
}

template <class Do>
void each_character(Do&& what) {
  for (char32_t c = 0; c < unicode::end; ++c) {
    if (!is_surrogate(c)) what(c);
  }
}

void write_records() {
  std::map<std::pair<std::uint8_t, std::int32_t>, std::size_t> numbers{{{0, 0}, 0}};
  std::vector<std::pair<std::uint8_t, std::int32_t>> records{{0, 0}};
  std::map<std::vector<std::size_t>, std::size_t> known;
  std::vector<std::size_t> pages;
  List numbers_list("const std::uint8_t record_numbers[]");
  for (char32_t start = 0; start < unicode::end; start += unicode::page_size) {
    std::vector<std::size_t> page;
    for (char32_t c = start; c < start + unicode::page_size; ++c) {
      const auto folded = static_cast<std::int32_t>(UnicodeSource::simple_fold(c));
      const std::pair record{UnicodeSource::facts(c), folded - static_cast<std::int32_t>(c)};
      const auto [at, added] = numbers.emplace(record, records.size());
      if (added) records.push_back(record);
      page.push_back(at->second);
    }
    const auto [at, added] = known.emplace(page, known.size());
    pages.push_back(at->second);
    if (!added) continue;
    for (const std::size_t number : page) numbers_list.add(std::to_string(number));
  }
  numbers_list.close();
  if (records.size() > 256 || known.size() > 256) throw std::runtime_error("more than 256");
  List records_list("const Record records[]");
  for (const auto& [facts, to] : records) {
    records_list.add("{" + std::to_string(facts) + ", " + std::to_string(to) + "}");
  }
  records_list.close();
  List pages_list("const std::array<std::uint8_t, end / page_size> pages");
  for (const std::size_t page : pages) pages_list.add(std::to_string(page));
  pages_list.close();
}

void write_numbers() {
  std::u32string zeros;
  each_character([&](char32_t c) {
    if (UnicodeSource::decimal_digit(c) == 0) zeros.push_back(c);
  });
  List zero_rows("constexpr char32_t zero_list[]");
  for (const char32_t c : zeros) zero_rows.add(hex(c));
  zero_rows.close();
  List number_rows("constexpr NumberRow number_list[]");
  each_character([&](char32_t c) {
    const int value = UnicodeSource::whole_number(c);
    if (value >= 0) number_rows.add("{" + hex(c) + ", " + std::to_string(value) + "}");
  });
  number_rows.close();
}

void write_texts(UnicodeSource& source) {
  List forms("constexpr TextRow compatible_list[]");
  each_character([&](char32_t c) {
    const std::u32string to = source.compatible(c);
    if (to != std::u32string(1, c)) forms.add("{" + hex(c) + ", " + escaped(to) + "}");
  });
  forms.close();
  List folds_list("constexpr TextRow compatible_fold_list[]");
  each_character([&](char32_t c) {
    std::u32string simple = source.compatible(c);
    std::ranges::transform(simple, simple.begin(), UnicodeSource::simple_fold);
    const std::u32string to = source.compatible_fold(c);
    const bool ignorable = (UnicodeSource::facts(c) & fact::ignorable) != 0;
    if (ignorable ? to.empty() : to == simple) return;
    folds_list.add("{" + hex(c) + ", " + escaped(to) + "}");
  });
  folds_list.close();
}

void write_letters(UnicodeSource& source) {
  List twins_list("constexpr LetterRow twin_list[]");
  each_character([&](char32_t c) {
    const char to = source.latin_twin(c);
    if (to != '\0') twins_list.add("{" + hex(c) + ", '" + to + "'}");
  });
  twins_list.close();
  List pairs("constexpr PairRow traditional_list[]");
  each_character([&](char32_t c) {
    const char32_t to = source.simplified(c);
    if (to != c) pairs.add("{" + quoted(c) + ", " + quoted(to) + "}");
  });
  pairs.close();
}

void write_classes() {
  List rows("constexpr ClassRow class_list[]");
  std::optional<GeneralClass> before;
  for (char32_t c = 0; c < unicode::end; ++c) {
    const GeneralClass of = UnicodeSource::general_class(c);
    if (of == before) continue;
    rows.add("{" + hex(c) + ", GeneralClass{" + std::to_string(static_cast<int>(of)) + "}}");
    before = of;
  }
  rows.close();
}

constexpr const char* head = R"(// Made by core/unicode_main.cpp from ICU %s. Do not edit.
#include "core/unicode.h"
#include "core/unicode_rows.h"

// clang-format off
namespace menshen::core {

const std::string_view unicode_version = "%s";

namespace unicode {

)";

constexpr const char* tail = R"(const std::u32string_view zeros{zero_list, std::size(zero_list)};
const std::span<const NumberRow> numbers = number_list;
const std::span<const TextRow> compatible_rows = compatible_list;
const std::span<const TextRow> compatible_fold_rows = compatible_fold_list;
const std::span<const LetterRow> twins = twin_list;
const std::span<const PairRow> traditional = traditional_list;
const std::span<const ClassRow> classes = class_list;

}  // namespace unicode
}  // namespace menshen::core
)";

}  // namespace

int main() {
  UnicodeSource source;
  std::printf(head, U_ICU_VERSION, U_UNICODE_VERSION);
  write_records();
  write_numbers();
  write_texts(source);
  write_letters(source);
  write_classes();
  std::printf("%s", tail);
}
