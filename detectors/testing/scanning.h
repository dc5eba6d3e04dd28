// For tests of the scanner as a whole, over the built-in catalog: what is found in a text, in which
// place, and that cuts change nothing.
#pragma once

#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors::testing {

inline std::vector<core::Finding> find(std::string_view text) {
  auto found = scan_text(catalog(), text);
  EXPECT_TRUE(found);
  return found ? *found : std::vector<core::Finding>{};
}

// Whole, in pieces of several sizes, and at random.
inline void expect_cuts_change_nothing(std::string_view text) {
  Scanner scanner(catalog());
  const auto whole = feed(scanner, text, {});
  ASSERT_EQ(whole.broken, "");
  std::mt19937 random(7);
  for (const std::size_t size : {1U, 2U, 7U, 63U, 64U, 1000U, 1024U, 4096U, 5000U}) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 1 + random() % size; at < text.size(); at += size) cuts.push_back(at);
    const auto cut = feed(scanner, text, cuts);
    ASSERT_EQ(cut.broken, "") << "pieces of " << size;
    ASSERT_TRUE(same(whole.findings, cut.findings))
        << "pieces of " << size << "\nwhole " << describe(whole.findings) << "\ncut "
        << describe(cut.findings);
  }
}

// What stands where the findings were, and in which place: "[TYPE]" in prose, "<TYPE/depth>" for a
// number of JSON.
inline std::string redacted(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (const core::Finding& f : find(text)) {
    if (f.begin < done) continue;
    const bool bare = f.place == core::Place::json_bare;
    out.append(text, done, f.begin - done).append(bare ? "<" : "[").append(f.type->name);
    if (bare) out.append("/").append(std::to_string(f.depth));
    out.append(bare ? ">" : "]");
    done = f.end;
  }
  return out.append(text.substr(done));
}

// A text, and what redacted() makes of it.
struct Written {
  std::string text;
  std::string redacted;
};

}  // namespace menshen::detectors::testing
