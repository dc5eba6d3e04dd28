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

  // A route, and the name or pattern by which it knows the model, as the file spells it.
  struct Match {
    std::string_view name;
    const Route* route = nullptr;  // null: none knows it
  };

  // Names longer than core::model_name_bytes_max match nothing.
  [[nodiscard]] Match match(std::string_view model) const noexcept;
  [[nodiscard]] const Route* find(std::string_view model) const noexcept {
    return match(model).route;
  }

 private:
  std::unordered_map<std::string_view, const Route*> exact_;
  std::vector<Match> patterns_;  // the winner of two that match stands before the other
};

}  // namespace menshen::config
