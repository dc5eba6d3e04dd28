// Which route serves a model: an exact name beats a pattern; among patterns the longer literal
// prefix wins, then the one with more literal characters, then the one that sorts before. The order
// of the file is nothing.
//
//   const Router router(config->routes);
//   const Route* route = router.find("qwen3-32b");   // null: no route knows the model
//
// Immutable, any thread. find() does not allocate. The routes must outlive the router and keep
// their place.
#pragma once

#include "proxy/config/config.h"

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace menshen::config {

class Router {
 public:
  explicit Router(std::span<const Route> routes);

  // Names longer than core::model_name_bytes_max match nothing.
  [[nodiscard]] const Route* find(std::string_view model) const noexcept;
  // The name or pattern by which that route knows the model, as the file spells it; empty: none.
  [[nodiscard]] std::string_view name_of(std::string_view model) const noexcept;

 private:
  struct Pattern {
    std::string_view text;
    const Route* route;
  };
  [[nodiscard]] const Pattern* pattern_for(std::string_view model) const noexcept;

  std::unordered_map<std::string_view, const Route*> exact_;
  std::vector<Pattern> patterns_;  // the winner of two that match stands before the other
};

}  // namespace menshen::config
