#include "detectors/explainer.h"

#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/catalog.h"
#include "detectors/detector.h"
#include "detectors/line_detector.h"
#include "detectors/numbers/number_spec.h"
#include "detectors/registered.h"
#include "detectors/scanner.h"
#include "detectors/tagger.h"
#include "detectors/text/characters.h"
#include "detectors/text/normal_form.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <utility>

namespace menshen::detectors {
namespace {

// What is kept around a value that is scanned again: more than the words that count.
constexpr std::size_t explained_context_bytes = 4096;

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 6> written_names{{
    {written::full_width, "full_width"},
    {written::other_digits, "other_digits"},
    {written::invisible, "invisible"},
    {written::url_escapes, "url_escapes"},
    {written::html_escapes, "html_escapes"},
    {written::backslash_escapes, "backslash_escapes"},
}};

// What an ASCII sign at `at` begins.
std::uint8_t escape_at(std::string_view value, std::size_t at) noexcept {
  const std::string_view rest = value.substr(at);
  if (rest[0] == '%' && rest.size() > 2 && is_hex(rest[1]) && is_hex(rest[2]))
    return written::url_escapes;
  if (rest[0] == '&' && rest.substr(0, 12).find(';') != std::string_view::npos)
    return written::html_escapes;
  const bool backslash = rest[0] == '\\' && rest.size() > 1;
  if (backslash && (rest[1] == 'u' || rest[1] == 'x')) return written::backslash_escapes;
  return 0;
}

std::uint8_t written_with(std::string_view value) {
  std::uint8_t out = 0;
  for (std::size_t i = 0; i < value.size();) {
    const core::Utf8Character c = core::utf8_at(value, i);
    if (c.point < 0x80) out |= escape_at(value, i);
    if (half_width(c.point) != 0) {
      out |= written::full_width;
    } else if (c.point >= 0x80 && (core::decimal_digit(c.point) >= 0 ||
                                   core::whole_number(c.point) >= 0 || han_digit(c.point) >= 0)) {
      out |= written::other_digits;
    }
    if (core::has_any(c.point, core::fact::ignorable)) out |= written::invisible;
    i += c.bytes;
  }
  return out;
}

bool same_value(const core::Finding& a, const core::Finding& b) noexcept {
  return a.type == b.type && a.begin == b.begin && a.end == b.end;
}

// How sure one is of `sought`, which stands in this part of the text; 0: it is not found.
core::Result<float> confidence_of(const std::shared_ptr<const Catalog>& catalog,
                                  std::string_view part, std::size_t part_begin,
                                  core::Finding sought) {
  const auto findings = scan_text(catalog, part);
  if (!findings) return findings.error();
  sought.begin -= part_begin;
  sought.end -= part_begin;
  const auto same = std::ranges::find_if(
      *findings, [&](const core::Finding& f) { return same_value(f, sought); });
  return same == findings->end() ? 0.0F : same->confidence;
}

std::size_t character_from(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

unsigned version_in(const Catalog& catalog, const core::FindingType* type) noexcept {
  for (const Recogniser& recogniser : catalog.recognisers()) {
    if (std::ranges::find(recogniser.types, type) != recogniser.types.end())
      return recogniser.version;
  }
  return 0;
}

core::Result<Explained> explain_one(const std::shared_ptr<const Catalog>& catalog,
                                    std::string_view text, const core::Finding& f) {
  Explained out{.finding = f, .version = version_in(*catalog, f.type)};
  out.written = written_with(text.substr(f.begin, f.end - f.begin));
  const std::size_t from =
      character_from(text, f.begin - std::min(f.begin, explained_context_bytes));
  const std::size_t to =
      character_from(text, std::min(f.end + explained_context_bytes, text.size()));
  const auto near = confidence_of(catalog, text.substr(from, to - from), from, f);
  if (!near) return near.error();
  // Something that stands further away speaks for it.
  if (*near != f.confidence) return out;
  const auto before = confidence_of(catalog, text.substr(f.begin, to - f.begin), f.begin, f);
  if (!before) return before.error();
  const auto behind = confidence_of(catalog, text.substr(from, f.end - from), from, f);
  if (!behind) return behind.error();
  out.without_before = *before;
  out.without_behind = *behind;
  return out;
}

}  // namespace

std::vector<std::string_view> names_of_written(std::uint8_t bits) {
  std::vector<std::string_view> out;
  for (const auto& [bit, name] : written_names) {
    if ((bits & bit) != 0) out.push_back(name);
  }
  return out;
}

Explainer::Explainer(std::shared_ptr<const Catalog> catalog) : catalog_(std::move(catalog)) {
  using Detectors = std::vector<const Detector*>;
  const auto has = [&](std::string_view name) {
    return std::ranges::find(catalog_->recognisers(), name, &Recogniser::name) !=
           catalog_->recognisers().end();
  };
  for (const Detector* detector : registered_detectors()) {
    if (has(detector->name()))
      alone_.push_back(std::make_shared<const Catalog>(Detectors{detector}));
  }
  for (const NumberSpec* row : registered_numbers()) {
    if (has(row->type.name))
      alone_.push_back(std::make_shared<const Catalog>(Detectors{}, std::span(&row, 1)));
  }
  for (const Tagger* tagger : registered_taggers()) {
    if (has(tagger->name()))
      alone_.push_back(std::make_shared<const Catalog>(
          Detectors{}, std::span<const NumberSpec* const>{}, std::vector<const Tagger*>{tagger}));
  }
  // The catalog keeps it alive.
  if (const LineDetector* own = catalog_->of_lines())
    alone_.push_back(Catalog::extended(nullptr, {catalog_, own}));
}

core::Result<Explanation> Explainer::explain(std::string_view text) const {
  const auto findings = scan_text(catalog_, text);
  if (!findings) return findings.error();
  Explanation out;
  for (const core::Finding& finding : *findings) {
    auto one = explain_one(catalog_, text, finding);
    if (!one) return one.error();
    out.found.push_back(*one);
  }
  if (auto tried = try_alone(text, out); !tried) return tried.error();
  std::ranges::stable_sort(out.passed_over, {},
                           [](const PassedOver& p) { return p.candidate.begin; });
  return out;
}

core::Result<void> Explainer::try_alone(std::string_view text, Explanation& out) const {
  for (const auto& catalog : alone_) {
    const auto candidates = scan_text(catalog, text);
    if (!candidates) return candidates.error();
    for (const core::Finding& candidate : *candidates) {
      PassedOver passed{.candidate = candidate, .version = version_in(*catalog, candidate.type)};
      bool found = false;
      for (std::size_t i = 0; i < out.found.size() && !found; ++i) {
        const core::Finding& f = out.found[i].finding;
        found = same_value(f, candidate);
        if (f.begin < candidate.end && candidate.begin < f.end) passed.overlapped_by.push_back(i);
      }
      if (!found) out.passed_over.push_back(std::move(passed));
    }
  }
  return {};
}

}  // namespace menshen::detectors
