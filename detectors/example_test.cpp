// The worked example of docs/ADDING_A_DETECTOR.md, compiled from that page, finds what its cases
// say.
#include "detectors/catalog.h"
#include "detectors/detector.h"
#include "detectors/scanner.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace menshen::detectors {

const Detector& employee_number_detector();

namespace {

TEST(AddingADetector, TheExampleFindsWhatItsCasesSay) {
  const auto catalog =
      std::make_shared<const Catalog>(std::vector<const Detector*>{&employee_number_detector()});
  std::ifstream page(MENSHEN_SOURCE_DIR "/docs/ADDING_A_DETECTOR.md");
  int cases = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("{\"text\":")) continue;
    const auto example = nlohmann::json::parse(line);
    const auto found = scan_text(catalog, example.at("text").get<std::string>());
    ASSERT_TRUE(found);
    auto described = nlohmann::json::array();
    for (const core::Finding& f : *found) {
      described.push_back({{"type", f.type->name}, {"start", f.begin}, {"end", f.end}});
    }
    EXPECT_EQ(described, example.at("expected")) << line;
    ++cases;
  }
  EXPECT_EQ(cases, 2);
}

}  // namespace
}  // namespace menshen::detectors
