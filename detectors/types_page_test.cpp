// docs/DETECTORS.md and its Chinese twin list the types of this build, and say of each what it
// says.
#include "detectors/catalog.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

constexpr const char* how_to =
    "Run: build/release/menshen scan --types --json | python3 tests/docs/types.py .";

std::vector<std::string> rows_of(const std::string& page) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/docs/" + page);
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  return rows;
}

std::string names_of(const core::FindingType& type) {
  std::string classes;
  type.classes.each_name([&](std::string_view name) {
    classes.append(classes.empty() ? "`" : " `").append(name).append("`");
  });
  return "| `" + std::string(type.name) + "` | `" + std::string(to_string(type.category)) +
         "` | `[" + std::string(type.tag) + "]` | " + classes + " | ";
}

TEST(TypesPage, SaysWhatTheCodeSays) {
  const auto rows = rows_of("DETECTORS.md");
  const auto catalog = Catalog::complete();
  const auto types = catalog->types();
  ASSERT_EQ(rows.size(), types.size()) << how_to;
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(rows[i], names_of(*types[i]) + std::string(types[i]->summary) + " |") << how_to;
}

TEST(TypesPage, IsChineseInItsTwin) {
  const auto rows = rows_of("zh-CN/DETECTORS.md");
  const auto catalog = Catalog::complete();
  const auto types = catalog->types();
  ASSERT_EQ(rows.size(), types.size()) << how_to;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(rows[i].starts_with(names_of(*types[i]))) << rows[i] << how_to;
    EXPECT_EQ(rows[i].find(types[i]->summary), std::string::npos)
        << rows[i] << " is not translated";
  }
}

}  // namespace
}  // namespace menshen::detectors
