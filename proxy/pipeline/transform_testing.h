// Transforms for tests.
#pragma once

#include "proxy/pipeline/transform.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace menshen::pipeline::testing {

// Puts "AI: " in front of a text.
class Prepend : public Transform {
 public:
  core::Result<void> feed(std::string_view bytes, std::vector<TextEdit>& edits) override {
    if (fed_ == 0) edits.push_back({0, 0, "AI: "});
    fed_ += bytes.size();
    return {};
  }
  core::Result<void> finish(std::vector<TextEdit>&) override { return {}; }
  [[nodiscard]] std::size_t settled() const noexcept override { return fed_; }

 private:
  std::size_t fed_ = 0;
};

// Cannot tell.
class CannotTell : public Transform {
 public:
  core::Result<void> feed(std::string_view, std::vector<TextEdit>&) override {
    return core::gateway_error(core::ErrorKind::internal, "transform_failed", "It gave up.");
  }
  core::Result<void> finish(std::vector<TextEdit>&) override { return {}; }
  [[nodiscard]] std::size_t settled() const noexcept override { return 0; }
};

}  // namespace menshen::pipeline::testing
