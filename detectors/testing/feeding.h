// For tests and fuzz targets: feeds a text in given pieces and checks, on the way, what Scanner
// promises.
#pragma once

#include "detectors/catalog.h"
#include "detectors/scanner.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors::testing {

// Of this build.
inline const std::shared_ptr<const Catalog>& catalog() {
  static const std::shared_ptr<const Catalog> built_in = Catalog::built_in();
  return built_in;
}

struct Fed {
  std::vector<core::Finding> findings;
  std::string broken;    // the promise that did not hold; empty when all did
  bool refused = false;  // nobody can tell what the text holds; `broken` says why
};

// `cuts`: sorted positions at which one piece ends and the next begins.
inline Fed feed(Scanner& scanner, std::string_view text, const std::vector<std::size_t>& cuts) {
  Fed fed;
  std::size_t settled = 0;
  const auto check = [&](bool last) {
    const std::size_t now = scanner.settled();
    if (now < settled) fed.broken = "settled() went back";
    if (now > scanner.text_bytes()) fed.broken = "settled() is past the text";
    if (scanner.text_bytes() - now > hold_back_bytes_max)
      fed.broken = "more held back than promised";
    if (last && now != text.size()) fed.broken = "not all is settled at the end";
    for (const core::Finding& f : scanner.take()) {
      if (f.begin < settled) fed.broken = "a finding begins before what was settled";
      if (f.end > now) fed.broken = "a finding ends after what is settled";
      if (f.begin >= f.end || f.end > text.size()) fed.broken = "an empty finding, or one outside";
      if (!fed.findings.empty() && f.begin < fed.findings.back().begin)
        fed.broken = "findings out of order";
      fed.findings.push_back(f);
    }
    settled = now;
  };
  const auto refused = [](const core::Error& error) {
    Fed none;
    none.broken = error.message;
    none.refused = true;
    return none;
  };
  scanner.reset();
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t to = i < cuts.size() ? cuts[i] : text.size();
    if (auto done = scanner.feed(text.substr(from, to - from)); !done) return refused(done.error());
    check(false);
    from = to;
  }
  if (auto done = scanner.finish(); !done) return refused(done.error());
  check(true);
  return fed;
}

inline bool same(const core::Finding& a, const core::Finding& b) {
  return a.type == b.type && a.begin == b.begin && a.end == b.end && a.confidence == b.confidence &&
         a.place == b.place && a.depth == b.depth && a.continued == b.continued &&
         a.detector == b.detector && a.ignored == b.ignored;
}

inline bool same(const std::vector<core::Finding>& a, const std::vector<core::Finding>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return same(x, y); });
}

inline std::string describe(const std::vector<core::Finding>& findings) {
  std::string text;
  for (const core::Finding& f : findings) {
    text.append(f.type->name).append(" [").append(std::to_string(f.begin)).append(", ");
    text.append(std::to_string(f.end)).append(f.continued ? ")+ " : ") ");
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace menshen::detectors::testing
